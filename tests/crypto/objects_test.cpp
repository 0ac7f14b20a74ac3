#include "crypto/objects.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/crypto/sample_centre.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

// One kind of object: a good one, how it is opened, and how what was opened is signed again.
struct kind {
  std::string name;
  bytes object;
  std::function<std::optional<failure>(bytes_view)> refusal;
  std::function<bytes(bytes_view)> signed_again;
  std::function<std::optional<failure>(bytes_view)> refusal_by_another_key;
};

std::vector<kind> every_kind() {
  const auto in = std::make_shared<sample_centre>();
  const sign_public_key root = in->centre.root, issuer_key = in->issued_by.key, holder = in->holder.sign_key;
  return {
      {"centre_file", in->centre_object,
       [=](bytes_view object) { return why(open_centre_file(object, sha256(root))); },
       [=](bytes_view object) { return sign_centre_file(*open_centre_file(object, sha256(root)), in->root_seed); },
       [=](bytes_view object) { return why(open_centre_file(object, sha256(issuer_key))); }},
      {"issuer", in->issuer_object, [=](bytes_view object) { return why(open_issuer(object, root)); },
       [=](bytes_view object) { return sign_issuer(*open_issuer(object, root), in->root_seed); },
       [=](bytes_view object) { return why(open_issuer(object, issuer_key)); }},
      {"certificate", in->holder_object, [=](bytes_view object) { return why(open_certificate(object, issuer_key)); },
       [=](bytes_view object) { return sign_certificate(*open_certificate(object, issuer_key), in->issuer_seed); },
       [=](bytes_view object) { return why(open_certificate(object, root)); }},
      {"roster", in->roster_object, [=](bytes_view object) { return why(open_roster(object, issuer_key)); },
       [=](bytes_view object) { return sign_roster(*open_roster(object, issuer_key), in->issuer_seed); },
       [=](bytes_view object) { return why(open_roster(object, root)); }},
      {"day_key", in->day_object, [=](bytes_view object) { return why(open_day_key(object, holder)); },
       [=](bytes_view object) { return sign_day_key(*open_day_key(object, holder), in->holder_seed); },
       [=](bytes_view object) { return why(open_day_key(object, root)); }},
      {"one_time_key", in->once_object, [=](bytes_view object) { return why(open_one_time_key(object, holder)); },
       [=](bytes_view object) { return sign_one_time_key(*open_one_time_key(object, holder), in->holder_seed); },
       [=](bytes_view object) { return why(open_one_time_key(object, root)); }},
      {"inbox_key", in->inbox_object, [=](bytes_view object) { return why(open_inbox_key(object, holder)); },
       [=](bytes_view object) { return sign_inbox_key(*open_inbox_key(object, holder), in->holder_seed); },
       [=](bytes_view object) { return why(open_inbox_key(object, root)); }},
      {"hand_over_key", in->hand_over_object,
       [=](bytes_view object) { return why(open_hand_over_key(object, holder)); },
       [=](bytes_view object) { return sign_hand_over_key(*open_hand_over_key(object, holder), in->holder_seed); },
       [=](bytes_view object) { return why(open_hand_over_key(object, root)); }},
  };
}

class every_object : public testing::TestWithParam<kind> {};
INSTANTIATE_TEST_SUITE_P(t1, every_object, testing::ValuesIn(every_kind()),
                         [](const auto& shown) { return shown.param.name; });

TEST_P(every_object, survives_the_round_trip) {
  const kind& tried = GetParam();
  ASSERT_EQ(tried.refusal(tried.object), std::nullopt);
  EXPECT_EQ(tried.signed_again(tried.object), tried.object);
}

TEST_P(every_object, is_refused_with_any_byte_changed) {
  const kind& tried = GetParam();
  for (std::size_t at = 0; at < tried.object.size(); ++at) {
    for (const byte change : {byte{1}, byte{0x80}}) {
      bytes tampered = tried.object;
      tampered[at] ^= change;
      const auto refusal = tried.refusal(tampered);
      ASSERT_TRUE(refusal == failure::malformed || refusal == failure::wrong_signature) << "byte " << at;
    }
  }
}

TEST_P(every_object, is_refused_at_every_shorter_length_and_one_byte_longer) {
  const kind& tried = GetParam();
  for (std::size_t length = 0; length < tried.object.size(); ++length) {
    ASSERT_EQ(tried.refusal(bytes_view(tried.object).first(length)), failure::malformed) << "length " << length;
  }
  bytes longer = tried.object;
  longer.push_back(0);
  EXPECT_EQ(tried.refusal(longer), failure::malformed);
  longer = tried.object;
  longer.insert(longer.end() - 64, 0);
  EXPECT_EQ(tried.refusal(longer), failure::malformed);
}

TEST_P(every_object, is_refused_under_another_key) {
  const kind& tried = GetParam();
  EXPECT_EQ(tried.refusal_by_another_key(tried.object), failure::wrong_signature);
}

// The right key, the right bytes, another purpose.
TEST_P(every_object, is_refused_when_it_was_signed_under_another_tag) {
  const kind& tried = GetParam();
  const sample_centre in;
  const bytes_view payload = bytes_view(tried.object).first(tried.object.size() - 64);
  for (const sign_seed* seed : {&in.root_seed, &in.issuer_seed, &in.holder_seed}) {
    bytes object(payload.begin(), payload.end());
    const signature made = sign(*seed, "t1/login", payload);
    object.insert(object.end(), made.begin(), made.end());
    EXPECT_EQ(tried.refusal(object), failure::wrong_signature);
  }
}

TEST(sizes, are_those_of_the_protocol) {
  const sample_centre in;
  EXPECT_EQ(in.issuer_object.size(), 120u);
  EXPECT_EQ(in.issuer_object.size(), issuer_bytes);
  EXPECT_EQ(in.holder_object.size(), 202u);
  EXPECT_EQ(in.holder_object.size(), certificate_bytes);
  EXPECT_EQ(in.roster_object.size(), 170u + 40u * in.listed.entries.size());
  EXPECT_EQ(in.day_object.size(), 1328u);
  EXPECT_EQ(in.day_object.size(), day_key_bytes);
  EXPECT_EQ(in.once_object.size(), 1424u);
  EXPECT_EQ(in.once_object.size(), one_time_key_bytes);
  EXPECT_EQ(in.hand_over_object.size(), hand_over_key_bytes);
  EXPECT_EQ(hand_over_key_bytes, 1376u);
}

// --- the rules of single fields: signed by the right key, and refused all the same ---

std::optional<failure> centre_refusal(const std::function<void(centre_file&)>& change) {
  sample_centre in;
  change(in.centre);
  return why(open_centre_file(sign_centre_file(in.centre, in.root_seed), in.fingerprint()));
}

TEST(centre_file, opens_to_what_was_signed) {
  const sample_centre in;
  const auto file = open_centre_file(in.centre_object, in.fingerprint());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->centre, in.centre.centre);
  EXPECT_EQ(file->root, in.centre.root);
  EXPECT_TRUE(file->demo());
  EXPECT_EQ(file->issued, in.centre.issued);
  EXPECT_EQ(file->issuer_epoch_least, 3u);
  EXPECT_EQ(file->roster_epoch_least, 7u);
  EXPECT_EQ(file->desks, in.centre.desks);
  EXPECT_EQ(file->page, in.centre.page);
}

TEST(centre_file, may_shift_the_clock_only_in_a_demo) {
  EXPECT_EQ(centre_refusal([](centre_file& file) { file.clock_shift_hours = 12; }), std::nullopt);
  EXPECT_EQ(centre_refusal([](centre_file& file) { file.clock_shift_hours = 12, file.flags = 0; }),
            failure::malformed);
  EXPECT_EQ(centre_refusal([](centre_file& file) { file.flags = 0; }), std::nullopt);
}

TEST(centre_file, has_no_flag_that_is_unknown) {
  EXPECT_EQ(centre_refusal([](centre_file& file) { file.flags |= 2; }), failure::malformed);
}

TEST(centre_file, names_its_desks_in_ascii_once_each_and_never_drill) {
  const auto with = [](std::string name) {
    return centre_refusal([&](centre_file& file) { file.desks.push_back({name, true}); });
  };
  EXPECT_EQ(with(std::string(32, 'd')), std::nullopt);
  EXPECT_EQ(with(std::string(33, 'd')), failure::malformed);
  EXPECT_EQ(with(""), failure::malformed);
  EXPECT_EQ(with("two words"), failure::malformed);
  EXPECT_EQ(with("相談"), failure::malformed);
  EXPECT_EQ(with("specialist"), failure::malformed);
  EXPECT_EQ(with("drill"), failure::malformed);
}

TEST(centre_file, has_at_most_64_desks) {
  const auto with = [](std::size_t count) {
    return centre_refusal([&](centre_file& file) {
      file.desks.clear();
      for (std::size_t i = 0; i < count; ++i) file.desks.push_back({"desk" + std::to_string(i), false});
    });
  };
  EXPECT_EQ(with(0), std::nullopt);
  EXPECT_EQ(with(64), std::nullopt);
  EXPECT_EQ(with(65), failure::malformed);
}

TEST(centre_file, says_of_a_desk_that_it_is_reachable_or_not_and_nothing_else) {
  sample_centre in;
  in.centre.desks = {{"a", true}};
  bytes payload = sign_centre_file(in.centre, in.root_seed);
  payload.resize(payload.size() - 64);
  const std::size_t reachable_at = 1 + 16 + 32 + 8 * 4 + 4 + 2 + 2 + 1;
  ASSERT_EQ(payload[reachable_at], 1);
  payload[reachable_at] = 2;
  const signature made = sign(in.root_seed, "t1/centre", payload);
  payload.insert(payload.end(), made.begin(), made.end());
  EXPECT_EQ(why(open_centre_file(payload, in.fingerprint())), failure::malformed);
}

TEST(centre_file, carries_a_page_of_utf_8_up_to_64_kib) {
  const auto with = [](std::string page) { return centre_refusal([&](centre_file& file) { file.page = page; }); };
  EXPECT_EQ(with(""), std::nullopt);
  EXPECT_EQ(with(std::string(65536, ' ')), std::nullopt);
  EXPECT_EQ(with(std::string(65537, ' ')), failure::malformed);
  EXPECT_EQ(with("\xff"), failure::malformed);
}

std::optional<failure> certificate_refusal(const std::function<void(certificate&)>& change) {
  sample_centre in;
  change(in.holder);
  return why(open_certificate(sign_certificate(in.holder, in.issuer_seed), in.issued_by.key));
}

TEST(certificate, opens_to_what_was_signed) {
  const sample_centre in;
  const auto opened = open_certificate(in.holder_object, in.issued_by.key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->holder, role::counselor);
  EXPECT_EQ(opened->desk, make_desk_id(in.centre.centre, "consultation"));
  EXPECT_EQ(opened->serial, 11u);
  EXPECT_EQ(opened->not_before, in.holder.not_before);
  EXPECT_EQ(opened->not_after, in.holder.not_after);
  EXPECT_EQ(opened->sign_key, sign_public(in.holder_seed));
  EXPECT_EQ(opened->agree_key, agree_public(in.holder_agree_seed));
  EXPECT_EQ(opened->alias, "あおい");
}

TEST(certificate, has_one_of_the_six_roles) {
  for (int value = 0; value < 256; ++value) {
    const auto refusal = certificate_refusal([&](certificate& fields) { fields.holder = static_cast<role>(value); });
    EXPECT_EQ(refusal, value >= 1 && value <= 6 ? std::nullopt : std::optional(failure::malformed)) << value;
  }
}

TEST(certificate, lives_at_most_90_days) {
  const auto with = [](seconds life) {
    return certificate_refusal([&](certificate& fields) { fields.not_after = fields.not_before + life; });
  };
  EXPECT_EQ(with(90 * 86400), std::nullopt);
  EXPECT_EQ(with(90 * 86400 + 1), failure::out_of_bounds);
  EXPECT_EQ(with(1), std::nullopt);
  EXPECT_EQ(with(0), failure::malformed);
  EXPECT_EQ(with(seconds{0} - 1), failure::malformed);
}

TEST(certificate, has_an_alias_of_1_to_32_bytes_of_utf_8) {
  const auto with = [](std::string alias) {
    return certificate_refusal([&](certificate& fields) { fields.alias = alias; });
  };
  for (const char* good : {"a", "あおい", "12345678901234567890123456789012", "\xf0\x9f\x8f\xae", "\xf4\x8f\xbf\xbf",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}) {
    EXPECT_EQ(with(good), std::nullopt) << good;
  }
  for (const char* bad : {"", "123456789012345678901234567890123", "\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
                          "\xe0\x9f\xbf", "\xe3\x81", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "\xf0\x9f\x8f"}) {
    EXPECT_EQ(with(bad), failure::malformed) << to_hex(as_bytes(bad));
  }
  EXPECT_EQ(with(std::string("a\0b", 3)), failure::malformed);
}

TEST(issuer, begins_before_it_ends) {
  sample_centre in;
  in.issued_by.not_after = in.issued_by.not_before;
  EXPECT_EQ(why(open_issuer(sign_issuer(in.issued_by, in.root_seed), in.centre.root)), failure::malformed);
}

std::optional<failure> roster_refusal(const std::function<void(roster&)>& change) {
  sample_centre in;
  change(in.listed);
  in.sign_roster_alone();
  return why(open_roster(in.roster_object, in.issued_by.key));
}

TEST(roster, opens_to_what_was_signed) {
  const sample_centre in;
  const auto opened = open_roster(in.roster_object, in.issued_by.key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->centre, in.centre.centre);
  EXPECT_EQ(opened->issuer_hash, sha256(in.issuer_object));
  EXPECT_EQ(opened->epoch, 8u);
  EXPECT_EQ(opened->previous, in.listed.previous);
  EXPECT_EQ(opened->entries, in.listed.entries);
}

TEST(roster, finds_each_entry_and_no_other) {
  const sample_centre in;
  const auto opened = open_roster(in.roster_object, in.issued_by.key);
  ASSERT_TRUE(opened);
  for (const roster::entry& entry : in.listed.entries) {
    const roster::entry* found = opened->find(entry.certificate);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(*found, entry);
  }
  hash32 above = in.listed.entries.back().certificate;
  above.fill(0xff);
  EXPECT_EQ(opened->find(above), nullptr);
  EXPECT_EQ(opened->find({}), nullptr);
}

TEST(roster, is_sorted_and_lists_nobody_twice) {
  EXPECT_EQ(roster_refusal([](roster& in) { std::swap(in.entries[0], in.entries[1]); }), failure::malformed);
  EXPECT_EQ(roster_refusal([](roster& in) { in.entries[1].certificate = in.entries[0].certificate; }),
            failure::malformed);
}

TEST(roster, may_be_empty_and_has_at_most_4096_entries) {
  const auto with = [](std::size_t count) {
    return roster_refusal([&](roster& in) {
      in.entries.assign(count, {});
      for (std::size_t i = 0; i < count; ++i) {
        in.entries[i].certificate[0] = static_cast<byte>(i >> 8);
        in.entries[i].certificate[1] = static_cast<byte>(i);
      }
    });
  };
  EXPECT_EQ(with(0), std::nullopt);
  EXPECT_EQ(with(4096), std::nullopt);
  EXPECT_EQ(with(4097), failure::malformed);
}

TEST(roster, has_no_flag_that_is_unknown) {
  EXPECT_EQ(roster_refusal([](roster& in) { in.entries[0].flags = 3; }), std::nullopt);
  EXPECT_EQ(roster_refusal([](roster& in) { in.entries[0].flags = 4; }), failure::malformed);
}

TEST(roster, lives_at_most_35_days) {
  EXPECT_EQ(roster_refusal([](roster& in) { in.expires = in.issued + 35 * 86400; }), std::nullopt);
  EXPECT_EQ(roster_refusal([](roster& in) { in.expires = in.issued + 35 * 86400 + 1; }), failure::out_of_bounds);
  EXPECT_EQ(roster_refusal([](roster& in) { in.expires = in.issued; }), failure::malformed);
}

TEST(day_key, lives_at_most_24_hours) {
  const auto with = [](seconds life) {
    sample_centre in;
    in.day.not_after = in.day.not_before + life;
    return why(open_day_key(sign_day_key(in.day, in.holder_seed), in.holder.sign_key));
  };
  EXPECT_EQ(with(86400), std::nullopt);
  EXPECT_EQ(with(86401), failure::out_of_bounds);
  EXPECT_EQ(with(0), failure::malformed);
}

TEST(one_time_key, opens_to_what_was_signed) {
  const sample_centre in;
  const auto opened = open_one_time_key(in.once_object, in.holder.sign_key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->certificate_hash, sha256(in.holder_object));
  EXPECT_EQ(opened->conversation, in.once.conversation);
  EXPECT_EQ(opened->nonce, in.once.nonce);
  EXPECT_EQ(opened->roster_hash, sha256(in.roster_object));
  EXPECT_EQ(opened->day_hash, sha256(in.day_object));
  EXPECT_EQ(opened->key, in.once_pair.public_key);
}

TEST(desk_id, is_the_hash_that_the_protocol_says) {
  const sample_centre in;
  const hash32 hashed = sha256(writer().put("t1/desk").put(in.centre.centre).put("consultation").finish());
  const desk_id made = make_desk_id(in.centre.centre, "consultation");
  EXPECT_TRUE(std::ranges::equal(made, bytes_view(hashed).first(16)));
  EXPECT_NE(made, make_desk_id(in.centre.centre, drill_desk_name));
  EXPECT_NE(made, make_desk_id({}, "consultation"));
}

// --- login and ticket ---

TEST(login, verifies_only_as_it_was_signed) {
  const sample_centre in;
  const login made_for{"https://soudan.example", in.once.nonce, sha256(in.holder_object), sample_centre::now};
  const signature made = sign_login(made_for, in.holder_seed);
  const sign_public_key key = in.holder.sign_key;
  EXPECT_TRUE(verify_login(made_for, key, made));
  EXPECT_FALSE(verify_login(made_for, in.centre.root, made));

  login other = made_for;
  other.origin = "https://soudan.example.evil";
  EXPECT_FALSE(verify_login(other, key, made));
  other = made_for;
  other.nonce[0] ^= 1;
  EXPECT_FALSE(verify_login(other, key, made));
  other = made_for;
  other.certificate_hash[31] ^= 1;
  EXPECT_FALSE(verify_login(other, key, made));
  other = made_for;
  other.time += 1;
  EXPECT_FALSE(verify_login(other, key, made));
  for (std::size_t at = 0; at < made.size(); ++at) {
    signature tampered = made;
    tampered[at] ^= 1;
    ASSERT_FALSE(verify_login(made_for, key, tampered)) << at;
  }
}

TEST(ticket, is_good_for_its_own_conversation_and_nonce_only) {
  const sample_centre in;
  const bytes object =
      sign_ticket(in.holder_object, in.once.conversation, in.once.nonce, sample_centre::now, in.holder_seed);
  ASSERT_EQ(object.size(), ticket_bytes);
  const auto shown = open_ticket(object);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->certificate, in.holder_object);
  EXPECT_EQ(shown->time, sample_centre::now);
  EXPECT_TRUE(verify_ticket(*shown, in.once.conversation, in.once.nonce, in.holder.sign_key));
  EXPECT_FALSE(verify_ticket(*shown, {}, in.once.nonce, in.holder.sign_key));
  EXPECT_FALSE(verify_ticket(*shown, in.once.conversation, {}, in.holder.sign_key));
  EXPECT_FALSE(verify_ticket(*shown, in.once.conversation, in.once.nonce, in.centre.root));
}

TEST(ticket, is_refused_with_any_byte_changed_and_at_any_other_length) {
  const sample_centre in;
  bytes object =
      sign_ticket(in.holder_object, in.once.conversation, in.once.nonce, sample_centre::now, in.holder_seed);
  for (std::size_t at = 0; at < object.size(); ++at) {
    bytes tampered = object;
    tampered[at] ^= 1;
    const auto shown = open_ticket(tampered);
    ASSERT_TRUE(shown);
    ASSERT_FALSE(verify_ticket(*shown, in.once.conversation, in.once.nonce, in.holder.sign_key)) << at;
    ASSERT_EQ(why(open_ticket(bytes_view(object).first(at))), failure::malformed);
  }
  object.push_back(0);
  EXPECT_EQ(why(open_ticket(object)), failure::malformed);
}

// --- signatures ---

TEST(signature, is_bound_to_its_tag_and_where_the_tag_ends) {
  const sample_centre in;
  const signature made = sign(in.holder_seed, "ab", as_bytes("cd"));
  EXPECT_TRUE(verify(in.holder.sign_key, "ab", as_bytes("cd"), made));
  EXPECT_FALSE(verify(in.holder.sign_key, "abc", as_bytes("d"), made));
  EXPECT_FALSE(verify(in.holder.sign_key, "a", as_bytes("bcd"), made));
}

// Under a key of small order one signature would fit many messages: R = S = 0 and the identity as the key, for one.
TEST(signature, never_verifies_under_a_key_of_small_order) {
  signature made{};
  made[0] = 1;  // R: the identity
  for (const byte first : {byte{0}, byte{1}}) {
    sign_public_key key{};
    key[0] = first;
    EXPECT_FALSE(verify(key, "t1/cert", as_bytes("anything"), made));
  }
}

}  // namespace
}  // namespace tomoshibi::crypto
