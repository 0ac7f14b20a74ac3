// PROTOCOL.md and the code lay the same fields in the same places: each layout is read out of the page and laid over
// an object that the code has made.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <regex>

#include "crypto/hash.hpp"
#include "crypto/invitation.hpp"
#include "crypto/key_file.hpp"
#include "crypto/letter.hpp"
#include "crypto/ratchet.hpp"
#include "crypto/sheets.hpp"
#include "tests/crypto/sample_centre.hpp"
#include "tests/support/read_text.hpp"

namespace tomoshibi::crypto {
namespace {

struct place {
  std::string name;
  std::size_t size = 0;
  std::optional<std::uint64_t> constant;  // "ver1 = 1"
};

// "ver1 = 1 | role1 | certificate 202 | 8 times slot1168": each field's name ends with its bytes.
std::vector<place> read_layout(std::string text) {
  std::vector<place> out;
  static const std::regex field(R"(^(?:(\d+) times )?(.*?)_? ?(\d+)(?: = (\d+))?(?: \(.*\))?$)");
  for (std::size_t end = 0; end != std::string::npos;) {
    end = text.find('|');
    std::string token = text.substr(0, end);
    text = end == std::string::npos ? "" : text.substr(end + 1);
    token.erase(0, token.find_first_not_of(' '));
    token.erase(token.find_last_not_of(' ') + 1);
    std::smatch found;
    if (!std::regex_match(token, found, field)) {
      ADD_FAILURE() << "\"" << token << "\" is no field: a name, then its bytes";
      continue;
    }
    place one{found[2], std::stoul(found[3]), {}};
    if (found[1].matched) one.size *= std::stoul(found[1]);
    if (found[4].matched) one.constant = std::stoull(found[4]);
    out.push_back(one);
  }
  return out;
}

std::size_t size_of(const std::vector<place>& layout) {
  std::size_t out = 0;
  for (const place& each : layout) out += each.size;
  return out;
}

class protocol_md : public testing::Test {
 protected:
  // What stands behind `begin` on its line, and on the next where the line ends with a bar; without `end` and what
  // follows it.
  std::vector<place> layout(const std::string& begin, const std::string& end = "\n") {
    const std::size_t at = page.find(begin);
    if (at == std::string::npos) {
      ADD_FAILURE() << "PROTOCOL.md has no \"" << begin << "\"";
      return {};
    }
    std::string text = page.substr(at + begin.size());
    for (std::size_t bar; (bar = text.find("|\n")) != std::string::npos && bar < text.find(end);)
      text.erase(bar + 1, 1);
    return read_layout(text.substr(0, text.find(end)));
  }
  // Of the table of objects: the payload, and the bytes in all.
  std::vector<place> object(const std::string& name, std::size_t& bytes_in_all) {
    static const std::regex row(R"(\| ([^|]+) \| `(t1/[a-z]+)` \| [a-z ]+ \| `([^`]+)` \| (\d+) \|)");
    for (std::sregex_iterator at(page.begin(), page.end(), row), none; at != none; ++at)
      if ((*at)[1] == name) {
        bytes_in_all = std::stoul((*at)[4]);
        return read_layout(std::regex_replace((*at)[3].str(), std::regex(R"(\\\|)"), "|"));
      }
    ADD_FAILURE() << "the table of objects has no row \"" << name << "\"";
    return {};
  }

  // Every field of the layout is in `fields`, and is what stands at its place.
  static void expect_laid_out(const std::vector<place>& layout, bytes_view made,
                              const std::map<std::string, bytes>& fields) {
    ASSERT_LE(size_of(layout), made.size());
    std::size_t used = 0;
    for (const place& each : layout) {
      const bytes_view there = made.first(each.size);
      made = made.subspan(each.size);
      if (each.constant) {
        reader value(there);
        std::uint64_t number = 0;
        for (byte b : there) number = number << 8 | b;
        EXPECT_EQ(number, *each.constant) << each.name;
      } else if (each.name == "zeros") {
        EXPECT_EQ(bytes(there.begin(), there.end()), bytes(each.size)) << "zeros";
      } else {
        const auto field = fields.find(each.name);
        ASSERT_NE(field, fields.end()) << "\"" << each.name << "\" is a field of the page alone";
        EXPECT_EQ(to_hex(there), to_hex(field->second)) << each.name;
        ++used;
      }
    }
    EXPECT_EQ(used, fields.size()) << "a field of the code is not on the page";
  }

  template <class T>
  static bytes number(T value) {
    return writer().number(value).finish();
  }
  template <class Block>
  static bytes all(const Block& from) {
    return {from.begin(), from.end()};
  }

  const std::string page = support::read_text(std::string(TOMOSHIBI_SOURCE_DIR) + "/crypto/PROTOCOL.md");
  sample_centre in;
};

TEST_F(protocol_md, has_the_objects_as_they_are) {
  std::size_t size = 0;
  const auto expect = [&](const std::string& name, const bytes& made, const std::map<std::string, bytes>& fields) {
    SCOPED_TRACE(name);
    const auto payload = object(name, size);
    EXPECT_EQ(size, made.size());
    EXPECT_EQ(size_of(payload) + 64, made.size()) << "payload and signature";
    expect_laid_out(payload, made, fields);
  };
  const issuer& by = in.issued_by;
  expect("issuer", in.issuer_object,
         {{"epoch", number(by.epoch)},
          {"not_before", number(by.not_before)},
          {"not_after", number(by.not_after)},
          {"ed25519", all(by.key)}});
  const certificate& who = in.holder;
  bytes alias(who.alias.begin(), who.alias.end());
  alias.resize(32);
  expect("certificate", in.holder_object,
         {{"role", number(static_cast<byte>(who.holder))},
          {"desk", all(who.desk)},
          {"serial", number(who.serial)},
          {"not_before", number(who.not_before)},
          {"not_after", number(who.not_after)},
          {"ed25519", all(who.sign_key)},
          {"x25519", all(who.agree_key)},
          {"alias", alias}});
  const bytes hash = all(sha256(in.holder_object));
  expect("day key", in.day_object,
         {{"cert_hash", hash},
          {"not_before", number(in.day.not_before)},
          {"not_after", number(in.day.not_after)},
          {"xwing_pk", all(in.day.key)}});
  expect("one-time key", in.once_object,
         {{"cert_hash", hash},
          {"conversation", all(in.once.conversation)},
          {"nonce", all(in.once.nonce)},
          {"roster_hash", all(sha256(in.roster_object))},
          {"day_hash", all(sha256(in.day_object))},
          {"xwing_pk", all(in.once.key)}});
  expect("inbox key", in.inbox_object,
         {{"cert_hash", hash}, {"day", number(in.inbox.day)}, {"xwing_pk", all(in.inbox.key)}});
  expect("hand-over key", in.hand_over_object,
         {{"cert_hash", hash},
          {"cert_hash_of_the_inviting", all(in.hand_over.invited_by)},
          {"th_of_the_inviting", all(in.hand_over.session)},
          {"xwing_pk", all(in.hand_over.key)}});
}

TEST_F(protocol_md, has_first_contact_as_it_is) {
  const identity who{in.holder_object, in.holder_seed, in.holder_agree_seed};
  const day_secret day = make_day_key(who, in.now, in.random);
  const auto conversation = in.random.make_block<16>();
  const auto nonce = in.random.make_block<32>();
  const auto offered = pending_offer::make(who, day, sha256(in.roster_object), conversation, nonce, in.random);
  const frame& offer = offered.offer();
  const auto offer_layout = layout("OFFER 4096 = ");
  EXPECT_EQ(size_of(offer_layout), offer.size());
  const bytes_view rest = bytes_view(offer).subspan(2);
  const bytes one_time = all(rest.subspan(certificate_bytes + day_key_bytes, one_time_key_bytes));
  expect_laid_out(offer_layout, offer,
                  {{"certificate", in.holder_object}, {"day key", day.signed_key}, {"one-time key", one_time}});

  const psk with = in.random.make_secret<32>();
  const auto greeting = answer_offer(offer, *in.believed(), role::counselor, in.holder.desk, nullptr, conversation,
                                     nonce, &with, in.now, in.random);
  ASSERT_TRUE(greeting);
  const auto hello_layout = layout("HELLO 4096 = ");
  EXPECT_EQ(size_of(hello_layout), greeting->hello.size());
  const bytes_view hello = greeting->hello;
  expect_laid_out(hello_layout, hello,
                  {{"conversation", all(conversation)},
                   {"psk_id", all(make_psk_id(with))},
                   {"roster_hash", all(sha256(in.roster_object))},
                   {"cert_hash", all(sha256(in.holder_object))},
                   {"day_hash", all(sha256(day.signed_key))},
                   {"otk_hash", all(sha256(one_time))},
                   {"nonce", all(nonce)},
                   {"ctD", all(hello.subspan(194, 1120))},
                   {"ctO", all(hello.subspan(194 + 1120, 1120))}});
}

TEST_F(protocol_md, has_the_frame_as_it_is) {
  EXPECT_EQ(size_of(layout("frame 4096 = ")), frame_bytes);
  const auto header = layout("header 2348 = ");
  EXPECT_EQ(size_of(header), 2348u);
  EXPECT_EQ(header[0].size + header[1].size + header[2].size, 12u);
  EXPECT_EQ(size_of(layout("frame 4096 = ")) - 1 - 24 - (2348 + 16), body_bytes + 16);
  EXPECT_NE(page.find("body 1691 = type1 | len2 | data | zeros"), std::string::npos);
  EXPECT_EQ(body_bytes, 1691u);
}

TEST_F(protocol_md, has_invitations_as_they_are) {
  const auto consent = layout("CONSENT 4096 = ");
  EXPECT_EQ(size_of(consent), frame_bytes);
  EXPECT_EQ(size_of(layout("INTRODUCTION = ")), introduction_bytes);
  EXPECT_EQ(invitation_bytes, 32 + 32 + certificate_bytes);

  const identity who{in.holder_object, in.holder_seed, in.holder_agree_seed};
  const day_secret day = make_day_key(who, in.now, in.random);
  const auto by = in.random.make_block<32>(), th = in.random.make_block<32>();
  const auto pending = pending_consent::make(who, day, invitation_kind::join, in.holder, by, th, in.random);
  const bytes key =
      all(bytes_view(pending.consent()).subspan(2 + certificate_bytes + day_key_bytes, hand_over_key_bytes));
  expect_laid_out(consent, pending.consent(),
                  {{"certificate_B", in.holder_object}, {"day key", day.signed_key}, {"hand-over key", key}});
}

TEST_F(protocol_md, has_letters_as_they_are) {
  const auto head = layout("letter = ", " | 8 times");
  EXPECT_EQ(size_of(head), letter_head_bytes);
  EXPECT_EQ(size_of(layout("slot 1168 = ")), letter_slot_bytes);
  EXPECT_EQ(size_of(layout("reply 9345 = ")), reply_bytes);
  EXPECT_EQ(size_of(layout("body 8192 or 32768 = ", " | UTF-8")), letter_body_head_bytes);
  EXPECT_EQ(reply_plain_bytes - size_of(layout("plain 8192 = ", " | UTF-8")), reply_text_bytes_max);
  EXPECT_NE(page.find("17,605 or 42,181 bytes"), std::string::npos);
  EXPECT_EQ(letter_short_bytes, 17'605u);
  EXPECT_EQ(letter_long_bytes, 42'181u);

  std::vector<reader_key> readers;
  for (byte i = 1; i <= 2; ++i) readers.push_back({hash32{i}, make_kem_key(in.random).public_key});
  const letter_head of{in.random.make_block<16>(), 20'000, in.random.make_block<32>()};
  const auto letter = seal_letter(of, {1, {}, {'a'}}, readers, in.random);
  ASSERT_TRUE(letter);
  expect_laid_out(head, *letter, {{"id", all(of.id)}, {"day", number(of.day)}, {"roster_hash", all(of.roster_hash)}});
}

TEST_F(protocol_md, has_what_is_kept_on_devices_as_it_is) {
  EXPECT_EQ(size_of(layout("nothing else; the server may hold it. 133 bytes:\n\n`", "`")), vault_bytes);
  EXPECT_EQ(size_of(layout("Without the passphrase it opens nothing:\n\n`", "`")), key_file_bytes);
  EXPECT_EQ(size_of(layout("`sheet 70 = ", " | SHA-256")) + 4, sheet_bytes);
}

}  // namespace
}  // namespace tomoshibi::crypto
