// Who is let in as staff, and who to the drill desk.
#include "tests/centre/house.hpp"

namespace tomoshibi::centre {
namespace {

using wire::error;

TEST(welcome, names_the_signed_files_and_a_challenge_of_its_own) {
  house in;
  in.open(1);
  in.open(2);
  const wire::welcome first = in.welcome(1);
  EXPECT_EQ(first.now, in.now);
  EXPECT_EQ(first.centre[0], 1);
  EXPECT_EQ(first.issuer[0], 2);
  EXPECT_EQ(first.roster[0], 3);
  EXPECT_NE(first.challenge, in.welcome(2).challenge);
}

TEST(login, leads_to_the_desk_of_the_certificate) {
  house in;
  in.log_in(101, "akari");
  in.log_in(102, "driller");
  ASSERT_EQ(in.count<wire::logged_in>(101), 1u);
  EXPECT_EQ(in.all<wire::logged_in>(101)[0].desk, in.files.consultation);
  ASSERT_EQ(in.count<wire::logged_in>(102), 1u);
  EXPECT_EQ(in.all<wire::logged_in>(102)[0].desk, in.files.drill);
}

TEST(login, takes_a_clock_that_is_up_to_60_seconds_wrong) {
  for (const seconds off : {seconds{59}, seconds{60}})
    for (const bool late : {true, false}) {
      house in;
      in.open(1);
      in.say(1, in.login_of(1, "akari", late ? in.now - off : in.now + off));
      EXPECT_EQ(in.count<wire::logged_in>(1), 1u) << off;
    }
}

// Whatever is wrong, and whoever it is about: the same bytes, and nothing that was known before is different.
TEST(login, refusals_are_all_alike) {
  const std::map<std::string, std::function<wire::login(house&)>> wrong = {
      {"signature",
       [](house& in) {
         wire::login out = in.login_of(1, "akari");
         out.made[5] ^= 1;
         return out;
       }},
      {"signed by another",
       [](house& in) {
         wire::login out = in.login_of(1, "akari");
         out.made = in.login_of(1, "hotaru").made;
         return out;
       }},
      {"time other than signed",
       [](house& in) {
         wire::login out = in.login_of(1, "akari");
         out.time += 1;
         return out;
       }},
      {"too old", [](house& in) { return in.login_of(1, "akari", in.now - 61); }},
      {"too new", [](house& in) { return in.login_of(1, "akari", in.now + 61); }},
      {"of another connection's challenge",
       [](house& in) {
         in.open(2);
         return in.login_of(2, "akari");
       }},
      {"another origin",
       [](house& in) {
         const member& by = in.files.staff.at("akari");
         wire::login out = in.login_of(1, "akari");
         out.made = crypto::sign_login(
             {"https://evil.example", in.welcome(1).challenge, crypto::sha256(by.object), out.time}, by.seed);
         return out;
       }},
      {"no certificate",
       [](house& in) {
         wire::login out = in.login_of(1, "akari");
         out.certificate = {};
         return out;
       }},
      {"a certificate by another issuer",
       [](house& in) {
         member one = in.files.staff.at("akari");
         one.object = crypto::sign_certificate(one.fields, one.seed);
         in.files.staff["akari"] = one;
         return in.login_of(1, "akari");
       }},
      {"unlisted", [](house& in) { return in.login_of(1, "unlisted"); }},
      {"disabled", [](house& in) { return in.login_of(1, "disabled"); }},
      {"expired", [](house& in) { return in.login_of(1, "expired"); }},
      {"supervisor at the drill desk", [](house& in) { return in.login_of(1, "drill_as_supervisor"); }},
      {"administrator", [](house& in) { return in.login_of(1, "administrator"); }},
      {"a desk that is not here", [](house& in) { return in.login_of(1, "elsewhere"); }},
      {"counselor at the drill desk", [](house& in) { return in.login_of(1, "drill_as_counselor"); }},
      {"drill at a desk", [](house& in) { return in.login_of(1, "counselor_as_drill"); }},
  };
  for (const auto& [what, make] : wrong) {
    SCOPED_TRACE(what);
    house in;
    in.open(1);
    in.say(1, make(in));
    ASSERT_EQ(in.heard[1].size(), 2u);
    EXPECT_EQ(in.heard[1][1],
              (bytes{wire::failed::code, static_cast<byte>(error::login_refused), wire::login::code}));
    EXPECT_EQ(in.end_of(1), error::login_refused);
  }
}

TEST(login, of_a_supervisor_is_taken_and_opens_no_door) {
  house in;
  in.log_in(1, "supervisor");
  EXPECT_FALSE(in.end_of(1));
  in.say(1, wire::duty{true, true, 3});
  in.on_duty(2, "akari");
  EXPECT_EQ(in.at->door(in.files.consultation, in.now)->why, wire::door_reason::too_few_on_duty);
  in.on_duty(3, "hotaru");
  EXPECT_TRUE(in.at->door(in.files.consultation, in.now)->intake);
}

TEST(login, cannot_be_replayed) {
  house in;
  in.open(1);
  const wire::login good = in.login_of(1, "akari");
  in.say(1, good);
  in.open(2);
  in.say(2, good);
  EXPECT_EQ(in.end_of(2), error::login_refused);
  EXPECT_FALSE(in.end_of(1)) << "who is here stays";
  in.say(1, good);
  EXPECT_EQ(in.end_of(1), error::out_of_phase) << "once for each connection";
}

TEST(login, refused_is_the_end_of_the_connection) {
  house in;
  in.open(1);
  wire::login wrong = in.login_of(1, "akari");
  wrong.made = {};
  in.say(1, wrong);
  in.say(1, in.login_of(1, "akari"));
  EXPECT_EQ(in.count<wire::logged_in>(1), 0u);
}

TEST(login, of_the_same_certificate_takes_over) {
  house in;
  in.log_in(1, "akari");
  in.log_in(2, "akari");
  EXPECT_EQ(in.end_of(1), error::taken_over);
  EXPECT_EQ(in.all<wire::failed>(1)[0].why, error::taken_over);
}

std::optional<wire::refusal> refusal_of(house& in, const wire::enter& said) {
  in.open(1);
  in.say(1, said);
  const auto refused = in.all<wire::refused>(1);
  return refused.empty() ? std::nullopt : std::optional(refused[0].why);
}

TEST(ticket, leads_to_the_drill_desk) {
  for (const seconds off : {seconds{0}, seconds{60}}) {
    house in;
    EXPECT_EQ(refusal_of(in, in.drill_enter_of(1, "driller", in.now - off)), std::nullopt);
    EXPECT_EQ(in.count<wire::place>(1), 1u);
  }
}

TEST(ticket, is_for_one_conversation_and_nonce_for_60_seconds_by_drill_staff) {
  const std::map<std::string, std::function<wire::enter(house&)>> wrong = {
      {"none",
       [](house& in) {
         wire::enter out = in.drill_enter_of(1);
         out.ticket.reset();
         return out;
       }},
      {"zeros",
       [](house& in) {
         wire::enter out = in.drill_enter_of(1);
         out.ticket.emplace();
         return out;
       }},
      {"another conversation",
       [](house& in) {
         wire::enter out = in.drill_enter_of(1);
         out.conversation[0] ^= 1;
         return out;
       }},
      {"another nonce",
       [](house& in) {
         wire::enter out = in.drill_enter_of(1);
         out.challenge[0] ^= 1;
         return out;
       }},
      {"old", [](house& in) { return in.drill_enter_of(1, "driller", in.now - 61); }},
      {"of the future", [](house& in) { return in.drill_enter_of(1, "driller", in.now + 61); }},
      {"by a counselor", [](house& in) { return in.drill_enter_of(1, "akari"); }},
      {"by a counselor at the drill desk", [](house& in) { return in.drill_enter_of(1, "drill_as_counselor"); }},
      {"by drill staff of another desk", [](house& in) { return in.drill_enter_of(1, "counselor_as_drill"); }},
  };
  for (const auto& [what, make] : wrong) {
    SCOPED_TRACE(what);
    house in;
    EXPECT_EQ(refusal_of(in, make(in)), wire::refusal::bad_ticket);
    EXPECT_EQ(in.end_of(1), error::login_refused);
    EXPECT_TRUE(in.store.committed().empty());
  }
}

TEST(ticket, leads_nowhere_else) {
  house in;
  in.on_duty(101, "akari");
  in.on_duty(102, "hotaru");
  wire::enter said = in.drill_enter_of(1);
  said.desk = in.files.consultation;
  EXPECT_EQ(refusal_of(in, said), wire::refusal::bad_ticket);
}

TEST(drill, staff_do_not_open_the_door_and_get_no_survivor) {
  house in;
  in.on_duty(103, "driller");
  in.on_duty(101, "akari");
  in.open(1);
  in.say(1, wire::watch{in.files.consultation});
  EXPECT_EQ(in.all<wire::door>(1).back().why, wire::door_reason::too_few_on_duty);
  in.on_duty(102, "hotaru");
  EXPECT_TRUE(in.all<wire::door>(1).back().intake);
  in.say(1, in.enter_of(1));
  EXPECT_EQ(in.count<wire::assigned>(103), 0u);
  EXPECT_EQ(in.count<wire::assigned>(101), 1u);
  in.open(2);
  in.say(2, in.drill_enter_of(2));
  EXPECT_EQ(in.count<wire::assigned>(103), 1u);
  EXPECT_EQ(in.all<wire::door>(1).back().waiting, 1u);
}

}  // namespace
}  // namespace tomoshibi::centre
