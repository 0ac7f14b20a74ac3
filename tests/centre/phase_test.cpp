// Every message in every phase: what is not permitted closes the connection, and nothing else happens.
#include <sstream>

#include "server/centre/phases.hpp"
#include "tests/centre/house.hpp"

namespace tomoshibi::centre {
namespace {

using desk::phase;
using wire::error;

struct cell {
  const char* what;
  std::function<wire::client_message(house&)> say;
  bool fresh, survivor, staff;  // said here a second time on purpose
};

const std::vector<cell>& cells() {
  static const std::vector<cell> all = {
      {"watch", [](house& in) { return wire::watch{in.files.consultation}; }, true, true, true},
      {"enter", [](house& in) { return in.enter_of(9); }, true, true, false},
      {"resume",
       [](house& in) {
         return wire::resume{in.talk_of(1), in.token_of(1), true, {}};
       },
       true, true, false},
      {"register",
       [](house& in) {
         return wire::register_token{in.talk_of(1), {7}};
       },
       false, true, true},
      {"offer",
       [](house& in) {
         return wire::offer{in.talk_of(1), 2, {}};
       },
       false, false, true},
      {"hello",
       [](house& in) {
         return wire::hello{in.talk_of(1), 2, {}};
       },
       false, true, false},
      {"talk",
       [](house& in) {
         return wire::talk{in.talk_of(1), 2, {}};
       },
       false, true, true},
      {"taken",
       [](house& in) {
         return wire::taken{in.talk_of(1), 1};
       },
       false, true, true},
      {"leave", [](house& in) { return wire::leave{in.talk_of(1)}; }, false, true, true},
      {"ask_again", [](house& in) { return wire::ask_again{in.talk_of(1)}; }, false, false, true},
      {"new_nonce",
       [](house& in) {
         return wire::new_nonce{in.talk_of(1), {8}};
       },
       false, true, false},
      {"login", [](house& in) { return in.login_of(50, "hotaru"); }, true, false, false},
      {"duty",
       [](house&) {
         return wire::duty{true, false, 1};
       },
       false, false, true},
      {"ask_letter_keys", [](house& in) { return wire::ask_letter_keys{in.files.consultation}; }, true, true, false},
      {"begin_letter", [](house&) { return wire::begin_letter{}; }, true, true, false},
      {"letter_part", [](house&) { return wire::letter_part{}; }, true, true, false},
      {"show_return", [](house&) { return wire::show_return{}; }, true, false, false},
      {"put_inbox_key",
       [](house& in) {
         const member& akari = in.files.staff.at("akari");
         const bytes key = crypto::sign_inbox_key({crypto::sha256(akari.object), 20'000, {}}, akari.seed);
         wire::put_inbox_key said;
         std::ranges::copy(key, said.key.begin());
         return said;
       },
       false, false, true},
      {"take_letter", [](house&) { return wire::take_letter{}; }, false, false, true},
      {"reply_part", [](house&) { return wire::reply_part{}; }, false, false, true},
      {"finish_letter", [](house&) { return wire::finish_letter{}; }, false, false, true},
      {"ask_team", [](house&) { return wire::ask_team{}; }, false, false, true},
      {"invite",
       [](house& in) {
         return wire::invite{in.talk_of(1), {}, wire::invitation_kind::join, {}};
       },
       false, false, true},
      {"consent",
       [](house& in) {
         return wire::consent{in.talk_of(1), {}};
       },
       false, false, true},
      {"decline", [](house& in) { return wire::decline{in.talk_of(1)}; }, false, false, true},
      {"introduce",
       [](house& in) {
         return wire::introduce{in.talk_of(1), 1, {}};
       },
       false, false, true},
      {"enter_invited",
       [](house& in) {
         return wire::enter_invited{in.talk_of(1), {}, in.talk_of(9), {}, {}};
       },
       false, true, false},
  };
  return all;
}

TEST(phases, permit_what_is_listed_and_refuse_the_rest) {
  ASSERT_EQ(cells().size(), std::variant_size_v<wire::client_message>);
  ASSERT_EQ(cells().size(), std::size(permissions));
  for (const cell& one : cells())
    for (const phase now : {phase::fresh, phase::survivor, phase::staff}) {
      SCOPED_TRACE(std::string(one.what) + " in phase " + std::to_string(static_cast<int>(now)));
      house in;
      in.begin_talk();
      in.open(50);
      const bool by_the_invited = std::string_view(one.what) == "consent";
      if (by_the_invited)
        in.say(101, wire::invite{in.talk_of(1), in.name_of("hotaru"), wire::invitation_kind::join, {}});
      const connection_id staff = by_the_invited ? 102 : 101;
      const connection_id who = now == phase::fresh ? 50 : now == phase::survivor ? 1 : staff;
      if (std::string_view(one.what) == "new_nonce") in.say(101, wire::ask_again{in.talk_of(1)});
      if (std::string_view(one.what) == "enter" && now == phase::survivor) in.say(1, wire::leave{in.talk_of(1)});
      const auto before = in.store.committed();
      in.say(who, one.say(in));
      const bool permitted_now = now == phase::fresh ? one.fresh : now == phase::survivor ? one.survivor : one.staff;
      if (permitted_now) {
        EXPECT_EQ(in.end_of(who), std::nullopt);
        continue;
      }
      ASSERT_EQ(in.end_of(who), error::out_of_phase);
      EXPECT_EQ(in.heard[who].back()[1], static_cast<byte>(error::out_of_phase));
      EXPECT_EQ(in.heard[who].back()[2], wire::encode(one.say(in))[0]) << "says what it is about";
      EXPECT_EQ(in.store.committed(), before);
    }
}

TEST(phases, have_one_row_for_each_message) {
  for (unsigned code = 0; code < 256; ++code) {
    std::size_t rows = 0;
    for (const permission& one : permissions) rows += one.code == code;
    EXPECT_LE(rows, 1u);
    EXPECT_TRUE(rows == 1 || !permitted(static_cast<byte>(code), phase::staff));
  }
}

TEST(malformed, closes_that_connection_and_says_so) {
  house in;
  in.begin_talk();
  in.open(50);
  in.open(51);
  in.at->received(50, {}, in.now);
  in.at->received(51, bytes{0x17, 1}, in.now);
  in.at->received(1, bytes{0xff}, in.now);
  EXPECT_EQ(in.heard[50].back(), (bytes{wire::failed::code, 1, 0}));
  EXPECT_EQ(in.heard[51].back(), (bytes{wire::failed::code, 1, 0x17}));
  EXPECT_EQ(in.end_of(50), error::malformed);
  EXPECT_EQ(in.end_of(51), error::malformed);
  EXPECT_EQ(in.end_of(1), error::malformed);
  EXPECT_EQ(in.all<wire::peer_state>(101).back().now, wire::presence::away);
  EXPECT_FALSE(in.end_of(101));
}

TEST(idle, connections_that_nobody_uses_are_closed_after_half_an_hour) {
  house in;
  in.begin_talk();
  in.open(50);
  in.say(50, wire::watch{in.files.consultation});
  in.now += 1;
  in.open(51);
  in.now += idle_seconds_max - 1;
  in.at->tick(in.now);
  EXPECT_EQ(in.end_of(50), error::idle);
  EXPECT_FALSE(in.end_of(51));
  in.at->tick(++in.now);
  EXPECT_EQ(in.end_of(51), error::idle);
  for (const connection_id who : {1u, 101u, 102u}) EXPECT_FALSE(in.end_of(who));
}

TEST(outbox, is_bounded_by_what_the_connection_is) {
  house in;
  in.open(50);
  EXPECT_FALSE(in.bounds.contains(50)) << "what every connection begins with";
  in.begin_talk();
  const std::size_t box = wire::mailbox_frames_max * wire::message_bytes_max;
  EXPECT_GT(in.bounds.at(1), box);
  EXPECT_LT(in.bounds.at(1), 2 * box);
  EXPECT_GT(in.bounds.at(101), 3 * box) << "three chats at once";
  EXPECT_LT(in.bounds.at(101), 4 * box);
  in.log_in(111, "akari");
  EXPECT_GT(in.bounds.at(111), 4 * box) << "one that is under way, and three new ones";
}

TEST(outbox, of_a_survivor_in_two_talks_holds_both_mailboxes) {
  house in;
  in.begin_talk();
  in.be_invited(102, "hotaru");
  const std::size_t box = wire::mailbox_frames_max * wire::message_bytes_max;
  EXPECT_GT(in.bounds.at(1), 2 * box);
  EXPECT_LT(in.bounds.at(1), 3 * box);
}

TEST(closed, connections_are_not_heard_any_more) {
  house in;
  in.begin_talk();
  in.at->received(1, bytes{0xff}, in.now);
  const auto before = in.store.committed();
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  EXPECT_EQ(in.store.committed(), before);
  in.hang_up(1);
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.hang_up(1);
  EXPECT_EQ(in.store.committed(), before);
}

}  // namespace
}  // namespace tomoshibi::centre
