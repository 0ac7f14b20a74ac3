#include "crypto/ratchet.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr seconds start = 1'800'000'000;

bytes body_of(std::uint64_t mark) { return writer().number(mark).pad_to(body_bytes).finish(); }

std::uint64_t mark_of(const secret_bytes& body) { return reader(body).number<std::uint64_t>(); }

// Opens as a session does: on a copy, kept only if the frame was good.
result<ratchet::opened> deliver(ratchet& to, const frame& in, seconds now = start) {
  to.purge(now);
  ratchet next = to;
  auto out = next.open(in, now);
  if (out && !out->duplicate) to = std::move(next);
  return out;
}

// Two ratchets whose beginnings the test knows, so that it can also write frames by its own hand.
struct pair_of_ratchets {
  explicit pair_of_ratchets(std::uint64_t seed = 1)
      : random(seed),
        keys{random.make_secret<32>(), random.make_secret<32>(), random.make_secret<32>()},
        one_time(make_kem_key(random)),
        survivor(ratchet::of_survivor(keys, one_time.public_key, conversation, th)),
        counselor(ratchet::of_counselor(keys, one_time.secret_key, conversation, th)) {}

  ratchet& of(side which) { return which == side::survivor ? survivor : counselor; }
  ratchet& opposite(side which) { return which == side::survivor ? counselor : survivor; }

  frame seal(side from, std::uint64_t mark) { return *of(from).seal(body_of(mark), random); }

  // Seals `count` frames that nobody gets, then one that is delivered.
  void lose_then_deliver(side from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) seal(from, i);
    ASSERT_TRUE(deliver(opposite(from), seal(from, 99)));
  }

  support::seeded_random random;
  conversation_id conversation{1, 2, 3};
  hash32 th{4, 5, 6};
  root_keys keys;
  kem_key_pair one_time;
  ratchet survivor, counselor;
};

// Writes the survivor's turns by hand, from PROTOCOL.md and the primitives alone.
class hand {
 public:
  explicit hand(pair_of_ratchets& of) : hand(of, of.one_time.public_key, of.keys.root, of.keys.survivor_header) {}

  hand(pair_of_ratchets& of, const kem_public_key& to, const secret<32>& root, const secret<32>& header_key)
      : key(make_kem_key(of.random).public_key), of_(of), header_key_(header_key) {
    const auto sent = encapsulate(to, of.random);
    ciphertext = sent->ciphertext;
    const auto all = hkdf_expand<128>(hkdf_extract(root.view(), {sent->shared.view()}), as_bytes("t1/rk"));
    root_ = secret<32>(all.view().subspan<0, 32>());
    chain_ = secret<32>(all.view().subspan<32, 32>());
    next_header_key_ = secret<32>(all.view().subspan<64, 32>());
  }

  // A turn that follows at once, without an answer.
  hand next_turn(const kem_public_key& to) const { return hand(of_, to, root_, next_header_key_); }

  // The frame with place `n`, whatever the header claims.
  frame write(std::uint32_t n, bytes_view body) {
    secret<32> chain = chain_;
    for (std::uint32_t i = 0; i < n; ++i) chain = hmac(chain, bytes{2});
    const auto header_nonce = of_.random.make_block<24>();
    const bytes header = writer().number(reserved).number(n).number(pn).put(key).put(ciphertext).finish();
    const bytes associated = writer().put(of_.conversation).put(of_.th).number(byte{1}).finish();
    const bytes sealed_header = seal(header_key_, header_nonce, header, associated);
    const auto both = hkdf_expand<56>(hmac(chain, bytes{1}), writer().put("t1/msg").put(header_nonce).finish());
    const auto nonce = reader(both.view().last<24>()).take<24>();
    const bytes sealed_body = seal(secret<32>(both.view().first<32>()), nonce, body,
                                   writer().put(associated).put(header_nonce).put(sealed_header).finish());
    return reader(writer().number(byte{1}).put(header_nonce).put(sealed_header).put(sealed_body).finish())
        .take<frame_bytes>();
  }

  std::uint32_t reserved = 0, pn = 0;
  kem_public_key key;
  kem_ciphertext ciphertext;

 private:
  pair_of_ratchets& of_;
  secret<32> header_key_, root_, chain_, next_header_key_;
};

TEST(ratchet, carries_frames_in_both_directions_turn_after_turn) {
  pair_of_ratchets both;
  std::uint64_t sealed[2] = {0, 0};
  for (int turn = 0; turn < 12; ++turn) {
    const side from = turn % 2 == 0 ? side::survivor : side::counselor;
    for (int i = 0; i <= turn % 3; ++i) {
      EXPECT_EQ(both.of(from).seal_steps(), i == 0);
      const std::uint64_t number = sealed[turn % 2]++;
      const auto got = deliver(both.opposite(from), both.seal(from, 1000 + number));
      ASSERT_TRUE(got);
      EXPECT_EQ(mark_of(got->body), 1000 + number);
      EXPECT_EQ(got->number, number);
      EXPECT_EQ(got->stepped, i == 0);
      EXPECT_FALSE(got->duplicate);
    }
  }
}

TEST(ratchet, opens_what_is_written_by_hand_from_the_page) {
  pair_of_ratchets both;
  hand by(both);
  const auto second = deliver(both.counselor, by.write(1, body_of(7)));
  ASSERT_TRUE(second);
  EXPECT_EQ(mark_of(second->body), 7u);
  EXPECT_EQ(second->number, 1u);
  EXPECT_EQ(mark_of(deliver(both.counselor, by.write(0, body_of(8)))->body), 8u);
}

TEST(ratchet, does_not_let_the_counselor_speak_first) {
  pair_of_ratchets both;
  EXPECT_EQ(both.counselor.seal(body_of(1), both.random).error(), failure::may_not_send);
  EXPECT_FALSE(both.counselor.can_seal());
}

TEST(ratchet, refuses_a_frame_of_another_conversation_or_session) {
  pair_of_ratchets both;
  const frame in = both.seal(side::survivor, 1);
  hash32 other_th = both.th;
  other_th[31] ^= 1;
  conversation_id other_conversation = both.conversation;
  other_conversation[0] ^= 1;
  ratchet elsewhere = ratchet::of_counselor(both.keys, both.one_time.secret_key, both.conversation, other_th);
  EXPECT_EQ(deliver(elsewhere, in).error(), failure::cannot_open);
  elsewhere = ratchet::of_counselor(both.keys, both.one_time.secret_key, other_conversation, both.th);
  EXPECT_EQ(deliver(elsewhere, in).error(), failure::cannot_open);
  EXPECT_TRUE(deliver(both.counselor, in));
}

TEST(ratchet, refuses_an_altered_byte_anywhere_and_loses_nothing_by_it) {
  pair_of_ratchets both;
  const frame in = both.seal(side::survivor, 1);
  const std::set<std::size_t> edges = {0, 1, 24, 25, 25 + 2347, 25 + 2348, 25 + 2363, 25 + 2364, 4095 - 16, 4095};
  for (std::size_t at = 0; at < frame_bytes; ++at) {
    if (at % 61 != 0 && !edges.contains(at)) continue;
    frame altered = in;
    altered[at] ^= 0x40;
    EXPECT_EQ(deliver(both.counselor, altered).error(), failure::cannot_open) << at;
  }
  EXPECT_EQ(mark_of(deliver(both.counselor, in)->body), 1u);
}

TEST(ratchet, tells_a_duplicate_and_gives_nothing_of_it_again) {
  pair_of_ratchets both;
  const frame first = both.seal(side::survivor, 1);
  const frame second = both.seal(side::survivor, 2);
  ASSERT_TRUE(deliver(both.counselor, second));
  for (const frame& again : {second, second}) {
    const auto got = deliver(both.counselor, again);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->duplicate);
    EXPECT_TRUE(got->body.empty());
  }
  ASSERT_FALSE(deliver(both.counselor, first)->duplicate);
  EXPECT_TRUE(deliver(both.counselor, first)->duplicate);

  ASSERT_TRUE(deliver(both.survivor, both.seal(side::counselor, 3)));
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 4)));
  EXPECT_TRUE(deliver(both.counselor, first)->duplicate) << "a turn that is over is still known";
}

TEST(ratchet, refuses_a_replayed_header_with_another_body) {
  pair_of_ratchets both;
  const frame first = both.seal(side::survivor, 1);
  const frame second = both.seal(side::survivor, 2);
  frame spliced = first;
  std::copy(second.end() - 1707, second.end(), spliced.end() - 1707);
  EXPECT_EQ(deliver(both.counselor, spliced).error(), failure::cannot_open);
  ASSERT_TRUE(deliver(both.counselor, second));
  EXPECT_EQ(deliver(both.counselor, spliced).error(), failure::cannot_open) << "its key is kept, and stays kept";
  EXPECT_EQ(mark_of(deliver(both.counselor, first)->body), 1u);
  const auto after = deliver(both.counselor, spliced);
  EXPECT_TRUE(after->duplicate);
  EXPECT_TRUE(after->body.empty());
}

TEST(ratchet, refuses_a_second_key_under_a_known_header_key) {
  pair_of_ratchets both;
  ratchet twin = both.survivor;  // steps with other randomness: same header key, another pk and ct
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 1)));
  ASSERT_TRUE(twin.seal(body_of(2), both.random));
  EXPECT_EQ(deliver(both.counselor, *twin.seal(body_of(3), both.random)).error(), failure::cannot_open);

  pair_of_ratchets again;
  hand by(again);
  ASSERT_TRUE(deliver(again.counselor, by.write(0, body_of(1))));
  by.key[5] ^= 1;
  EXPECT_EQ(deliver(again.counselor, by.write(1, body_of(2))).error(), failure::cannot_open) << "another pk";
  EXPECT_EQ(deliver(again.counselor, by.write(0, body_of(2))).error(), failure::cannot_open) << "not a duplicate";
  by.key[5] ^= 1;
  by.ciphertext[5] ^= 1;
  EXPECT_EQ(deliver(again.counselor, by.write(1, body_of(2))).error(), failure::cannot_open) << "another ct";
  by.ciphertext[5] ^= 1;
  EXPECT_TRUE(deliver(again.counselor, by.write(1, body_of(2))));
}

TEST(ratchet, refuses_a_header_that_breaks_the_layout_or_lies_about_counts) {
  pair_of_ratchets both;
  hand by(both);
  by.reserved = 1;
  EXPECT_EQ(deliver(both.counselor, by.write(0, body_of(1))).error(), failure::cannot_open);
  by.reserved = 0;
  by.pn = 1;
  EXPECT_EQ(deliver(both.counselor, by.write(0, body_of(1))).error(), failure::cannot_open) << "no turn before";
  by.pn = 0;
  ASSERT_TRUE(deliver(both.counselor, by.write(0, body_of(1))));
  by.pn = 1;
  EXPECT_EQ(deliver(both.counselor, by.write(1, body_of(1))).error(), failure::cannot_open) << "pn changed";
}

TEST(ratchet, refuses_more_frames_of_a_turn_than_its_successor_told) {
  pair_of_ratchets both;
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 0)));
  ratchet stale = both.survivor;  // goes on in the first turn while the real one takes its second
  ASSERT_TRUE(deliver(both.survivor, both.seal(side::counselor, 0)));
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 1)));
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(deliver(both.counselor, *stale.seal(body_of(9), both.random)).error(), failure::cannot_open);
  }
}

TEST(ratchet, refuses_a_second_turn_in_a_row) {
  pair_of_ratchets both;
  hand by(both);
  ASSERT_TRUE(deliver(both.counselor, by.write(0, body_of(1))));
  hand again = by.next_turn(both.one_time.public_key);
  again.pn = 1;
  EXPECT_EQ(deliver(both.counselor, again.write(0, body_of(2))).error(), failure::cannot_open);
}

TEST(ratchet, refuses_a_turn_that_says_less_than_was_opened_of_the_turn_before) {
  pair_of_ratchets both;
  const frame first = both.seal(side::survivor, 0);
  ratchet stale = both.survivor;
  ASSERT_TRUE(deliver(both.counselor, first));
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 1)));
  const frame answer = both.seal(side::counselor, 0);
  ASSERT_TRUE(deliver(stale, answer));
  EXPECT_EQ(deliver(both.counselor, *stale.seal(body_of(2), both.random)).error(), failure::cannot_open);
  ASSERT_TRUE(deliver(both.survivor, answer));
  EXPECT_TRUE(deliver(both.counselor, both.seal(side::survivor, 2)));
}

TEST(ratchet, keeps_64_keys_of_a_turn_and_refuses_one_more) {
  pair_of_ratchets both;
  std::vector<frame> sealed;
  for (std::uint64_t i = 0; i < 67; ++i) sealed.push_back(both.seal(side::survivor, i));
  EXPECT_EQ(deliver(both.counselor, sealed[65]).error(), failure::out_of_bounds);
  ASSERT_TRUE(deliver(both.counselor, sealed[64]));
  EXPECT_EQ(deliver(both.counselor, sealed[66]).error(), failure::out_of_bounds);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(mark_of(deliver(both.counselor, sealed[i])->body), i);
  EXPECT_TRUE(deliver(both.counselor, sealed[66])) << "used keys make room";
}

TEST(ratchet, counts_the_keys_of_a_turn_that_ends_against_its_bound) {
  for (const std::size_t lost : {64u, 65u}) {
    pair_of_ratchets both;
    ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 0)));
    for (std::size_t i = 0; i < lost; ++i) both.seal(side::survivor, i);
    ASSERT_TRUE(deliver(both.survivor, both.seal(side::counselor, 0)));
    const auto got = deliver(both.counselor, both.seal(side::survivor, 1));
    EXPECT_EQ(got.has_value(), lost == 64);
    if (!got) {
      EXPECT_EQ(got.error(), failure::out_of_bounds);
    }
  }
}

TEST(ratchet, keeps_256_keys_in_all_and_refuses_one_more) {
  pair_of_ratchets both;
  for (int turn = 0; turn < 4; ++turn) {
    both.lose_then_deliver(side::survivor, 64);
    both.lose_then_deliver(side::counselor, 0);
  }
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 0)));
  const frame next = both.seal(side::survivor, 1);
  const frame after = both.seal(side::survivor, 2);
  EXPECT_EQ(deliver(both.counselor, after).error(), failure::out_of_bounds);
  EXPECT_TRUE(deliver(both.counselor, next));
  EXPECT_TRUE(deliver(both.counselor, after));
}

TEST(ratchet, knows_the_last_4_turns_that_are_over_and_no_fifth) {
  for (const int turns_after : {4, 5}) {
    pair_of_ratchets both;
    ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 0)));
    const frame late = both.seal(side::survivor, 42);
    for (int i = 0; i < turns_after; ++i) {
      both.lose_then_deliver(side::counselor, 0);
      both.lose_then_deliver(side::survivor, 0);
    }
    const auto got = deliver(both.counselor, late);
    ASSERT_EQ(got.has_value(), turns_after == 4);
    if (got) {
      EXPECT_EQ(mark_of(got->body), 42u);
    } else {
      EXPECT_EQ(got.error(), failure::cannot_open);
    }
  }
}

TEST(ratchet, wipes_skipped_keys_after_ten_minutes) {
  pair_of_ratchets both;
  const frame on_time = both.seal(side::survivor, 1);
  const frame late = both.seal(side::survivor, 2);
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 3)));
  EXPECT_EQ(mark_of(deliver(both.counselor, on_time, start + 600)->body), 1u);
  const auto got = deliver(both.counselor, late, start + 601);
  EXPECT_TRUE(got->duplicate);
  EXPECT_TRUE(got->body.empty());
}

TEST(ratchet, wipes_the_header_key_of_a_turn_ten_minutes_after_its_end) {
  pair_of_ratchets both;
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 0)));
  const frame on_time = both.seal(side::survivor, 1);
  const frame late = both.seal(side::survivor, 2);
  ASSERT_TRUE(deliver(both.survivor, both.seal(side::counselor, 0)));
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 3)));
  EXPECT_EQ(mark_of(deliver(both.counselor, on_time, start + 600)->body), 1u);
  EXPECT_EQ(deliver(both.counselor, late, start + 601).error(), failure::cannot_open);
  EXPECT_TRUE(deliver(both.counselor, both.seal(side::survivor, 4), start + 6000)) << "the current turn has no end";
}

TEST(ratchet, keeps_its_keys_when_the_clock_goes_back) {
  pair_of_ratchets both;
  const frame late = both.seal(side::survivor, 1);
  ASSERT_TRUE(deliver(both.counselor, both.seal(side::survivor, 2)));
  EXPECT_FALSE(deliver(both.counselor, late, start - 5000)->duplicate);
}

TEST(ratchet, does_not_change_when_it_cannot_seal) {
  pair_of_ratchets both;
  hand by(both);
  by.key.fill(0xff);  // not a public key: its coefficients are not below q (FIPS 203, 7.2)
  ASSERT_TRUE(deliver(both.counselor, by.write(0, body_of(1))));
  EXPECT_EQ(both.counselor.seal(body_of(1), both.random).error(), failure::malformed);
  EXPECT_TRUE(both.counselor.seal_steps());
  EXPECT_FALSE(both.counselor.resume_secret());
}

// A thief has the whole state of one side, at one moment, and sees every frame from then on.
TEST(ratchet, locks_a_copied_state_out_after_one_honest_turn_each_way) {
  for (const side robbed : {side::survivor, side::counselor}) {
    pair_of_ratchets both;
    const side peer = robbed == side::survivor ? side::counselor : side::survivor;
    both.lose_then_deliver(side::survivor, 0);
    both.lose_then_deliver(side::counselor, 0);
    if (robbed == side::counselor) both.lose_then_deliver(side::survivor, 0);
    if (robbed == side::counselor) both.lose_then_deliver(side::counselor, 0);
    if (robbed == side::survivor) both.lose_then_deliver(side::survivor, 0);
    ratchet thief = both.of(robbed);

    const frame seen = both.seal(peer, 1);  // to a key the thief has
    ASSERT_TRUE(deliver(both.of(robbed), seen));
    EXPECT_TRUE(deliver(thief, seen));
    both.lose_then_deliver(robbed, 0);                 // the honest turn of the robbed side, with new randomness
    ASSERT_TRUE(thief.seal(body_of(0), both.random));  // the thief's own step does not help
    const frame healed = both.seal(peer, 2);
    EXPECT_EQ(deliver(thief, healed).error(), failure::cannot_open);
    EXPECT_EQ(mark_of(deliver(both.of(robbed), healed)->body), 2u);
  }
}

TEST(ratchet, has_the_resume_secret_of_the_counselors_steps_on_both_sides) {
  pair_of_ratchets both;
  both.lose_then_deliver(side::survivor, 0);
  EXPECT_FALSE(both.survivor.resume_secret());
  EXPECT_FALSE(both.counselor.resume_secret());

  const frame first = both.seal(side::counselor, 1);
  ASSERT_TRUE(both.counselor.resume_secret());
  EXPECT_FALSE(both.survivor.resume_secret());
  ASSERT_TRUE(deliver(both.survivor, first));
  EXPECT_TRUE(*both.survivor.resume_secret() == *both.counselor.resume_secret());
  EXPECT_FALSE(both.counselor.resume_secret_before());

  const psk before = *both.counselor.resume_secret();
  both.lose_then_deliver(side::survivor, 0);  // the survivor's step makes none
  EXPECT_TRUE(*both.survivor.resume_secret() == before);
  EXPECT_TRUE(*both.counselor.resume_secret() == before);
  both.seal(side::counselor, 2);
  EXPECT_FALSE(*both.counselor.resume_secret() == before);
  EXPECT_TRUE(*both.counselor.resume_secret_before() == before);
  ASSERT_TRUE(deliver(both.survivor, both.seal(side::counselor, 3)));
  EXPECT_TRUE(*both.survivor.resume_secret() == *both.counselor.resume_secret());
  EXPECT_TRUE(*both.survivor.resume_secret_before() == before);
}

// Random sealing, loss, reordering and repetition in both directions. Whatever arrives for the first time from a turn
// still known must open as what was sealed; whatever arrives again must be a duplicate; nothing else may happen.
class random_deliveries {
 public:
  explicit random_deliveries(std::uint64_t seed) : both_(seed), dice_(seed ^ 0xd1ce) {}

  void run(int events) {
    for (int i = 0; i < events && !testing::Test::HasFailure(); ++i) {
      const side from = roll(2) == 0 ? side::survivor : side::counselor;
      if (roll(5) < 2) {
        seal(from);
      } else {
        deliver_one(from);
      }
    }
  }

  int opened = 0, duplicates = 0, lost = 0, too_old = 0;

 private:
  struct in_flight {
    frame sealed{};
    std::uint64_t mark = 0;
    std::uint64_t turn = 0;
  };
  struct direction {
    std::vector<in_flight> on_the_way;
    std::set<std::uint64_t> arrived;
    std::uint64_t sealed = 0, turn = 0, turn_seen = 0;
  };

  std::size_t roll(std::size_t sides) { return reader(dice_.make_block<8>()).number<std::uint64_t>() % sides; }

  void seal(side from) {
    direction& way = ways_[from == side::counselor];
    if (!both_.of(from).can_seal() || way.on_the_way.size() >= 12) return;
    if (both_.of(from).seal_steps()) ++way.turn;
    way.on_the_way.push_back({both_.seal(from, way.sealed), way.sealed, way.turn});
    ++way.sealed;
  }

  void deliver_one(side from) {
    direction& way = ways_[from == side::counselor];
    if (way.on_the_way.empty()) return;
    // The newest in one of two cases: then many turns change, with stragglers of old ones left behind.
    const std::size_t at = roll(2) == 0 ? way.on_the_way.size() - 1 : roll(way.on_the_way.size());
    const in_flight one = way.on_the_way[at];
    const bool again = roll(8) == 0;  // it stays on the way, and arrives once more
    if (!again) way.on_the_way.erase(way.on_the_way.begin() + static_cast<std::ptrdiff_t>(at));
    if (roll(20) == 0) {
      ++lost;
      return;
    }
    check(way, one, deliver(both_.opposite(from), one.sealed, start));
  }

  void check(direction& way, const in_flight& one, const result<ratchet::opened>& got) {
    if (one.turn + old_turns_max < way.turn_seen) {
      ASSERT_FALSE(got) << "turn " << one.turn << " of " << way.turn_seen;
      EXPECT_EQ(got.error(), failure::cannot_open);
      ++too_old;
      return;
    }
    ASSERT_TRUE(got) << name(got.error()) << " turn " << one.turn << " of " << way.turn_seen;
    EXPECT_EQ(got->number, one.mark);
    if (!way.arrived.insert(one.mark).second) {
      EXPECT_TRUE(got->duplicate);
      ++duplicates;
      return;
    }
    ASSERT_FALSE(got->duplicate);
    EXPECT_EQ(mark_of(got->body), one.mark);
    EXPECT_EQ(got->stepped, one.turn > way.turn_seen);
    way.turn_seen = std::max(way.turn_seen, one.turn);
    ++opened;
  }

  pair_of_ratchets both_;
  support::seeded_random dice_;
  direction ways_[2];
};

TEST(ratchet, loses_and_confuses_nothing_over_thousands_of_random_deliveries) {
  int opened = 0, duplicates = 0, lost = 0, too_old = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    random_deliveries one(seed);
    one.run(600);
    opened += one.opened, duplicates += one.duplicates, lost += one.lost, too_old += one.too_old;
  }
  EXPECT_GT(opened, 4000);
  EXPECT_GT(duplicates, 200);
  EXPECT_GT(lost, 200);
  EXPECT_GT(too_old, 20) << "turns beyond the bound must occur";
}

}  // namespace
}  // namespace tomoshibi::crypto
