// Letters, replies and inboxes put together by hand after PROTOCOL.md, so that a test can break any one rule of them.
#pragma once

#include <span>

#include "crypto/aead.hpp"
#include "crypto/hpke.hpp"
#include "crypto/kdf.hpp"
#include "crypto/letter.hpp"

namespace tomoshibi::crypto {

inline bytes handmade_head(const letter_head& head, byte version = 1) {
  return writer().number(version).put(head.id).number(head.day).put(head.roster_hash).finish();
}

// Sealed to these keys, whatever `body` is; the rest of the slots are zeros.
inline bytes handmade_letter(const letter_head& head, std::span<const kem_public_key> to, bytes_view body,
                             random_source& random) {
  const auto content_key = random.make_secret<32>();
  bytes out = handmade_head(head);
  const bytes info = writer().put("t1/slot").put(bytes_view(out).subspan(1)).finish();
  for (const kem_public_key& each : to) {
    const auto box = hpke_seal(each, info, content_key.view(), random);
    out = writer().put(out).put(box->enc).put(box->sealed).finish();
  }
  out.resize(letter_head_bytes + letter_slots * letter_slot_bytes);
  const auto keys = hkdf_expand<56>(hkdf_extract({}, {content_key.view()}), as_bytes("t1/letter"));
  const bytes sealed =
      seal(secret<32>(keys.view().first<32>()), reader(keys.view().last<24>()).take<24>(), body, out);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

struct handmade_body {
  byte language = 3, answer = 0;
  block<32> with{};
  kem_public_key to{};
  std::uint32_t length = 5;
  bytes text{'h', 'e', 'l', 'l', 'o'};
  std::size_t size = letter_body_short_bytes;

  bytes finish() const {
    return writer().number(language).number(answer).put(with).put(to).number(length).put(text).pad_to(size).finish();
  }
};

inline bytes handmade_reply(const letter_id& id, const kem_public_key& to, const psk* with, bytes_view plain,
                            random_source& random) {
  const auto box = hpke_seal(to, writer().put("t1/reply").put(id).finish(), plain, random, with);
  return writer().number(byte{1}).put(id).put(box->enc).put(box->sealed).finish();
}

inline bytes handmade_inbox(const identity& who, bytes_view plain, byte version = 1) {
  const auto key = hkdf_expand<32>(hkdf_extract({}, {who.sign.view(), who.agree.view()}), as_bytes("t1/inboxes"));
  return writer().number(version).put(aead_nonce{}).put(seal(key, {}, plain, {&version, 1})).finish();
}

}  // namespace tomoshibi::crypto
