// First contact: the counselor's OFFER for one survivor's nonce, the survivor's HELLO, and the root of the ratchet.
#include "crypto/handshake.hpp"

#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "crypto/session.hpp"

namespace tomoshibi::crypto {
namespace {

// The middle of its life is now: a phone's clock may be wrong by hours, either way.
constexpr seconds day_key_head_start = day_key_life_max / 2;

// OFFER = ver1 | kind1 | certificate 202 | day key 1328 | one-time key 1424 | zeros
constexpr std::size_t offer_objects_bytes = certificate_bytes + day_key_bytes + one_time_key_bytes;

struct offer_parts {
  bytes_view certificate, day, one_time, all;  // `all`: the three, one after the other
};

std::optional<offer_parts> split_offer(const frame& offer) {
  reader in(offer);
  const bool right_kind = is_frame_of(frame_kind::offer, in);
  offer_parts out;
  out.all = in.view(offer_objects_bytes);
  in.zeros(in.left());
  if (!right_kind || !in.complete()) return std::nullopt;
  out.certificate = out.all.first(certificate_bytes);
  out.day = out.all.subspan(certificate_bytes, day_key_bytes);
  out.one_time = out.all.last(one_time_key_bytes);
  return out;
}

// HELLO = ver1 | kind1 | conversation16 | psk_id16 | roster_hash32 | cert_hash32 | day_hash32 | otk_hash32 |
//         nonce32 | ctD1120 | ctO1120 | zeros
struct hello_fields {
  conversation_id conversation{};
  psk_id with{};
  hash32 roster{}, certificate{}, day{}, one_time{};
  survivor_nonce nonce{};
  kem_ciphertext to_day{}, to_one_time{};
};

frame encode(const hello_fields& hello) {
  return make_frame(frame_kind::hello, {hello.conversation, hello.with, hello.roster, hello.certificate, hello.day,
                                        hello.one_time, hello.nonce, hello.to_day, hello.to_one_time});
}

std::optional<hello_fields> decode_hello(const frame& from) {
  reader in(from);
  const bool right_kind = is_frame_of(frame_kind::hello, in);
  hello_fields out;
  out.conversation = in.take<16>();
  out.with = in.take<16>();
  out.roster = in.take<32>();
  out.certificate = in.take<32>();
  out.day = in.take<32>();
  out.one_time = in.take<32>();
  out.nonce = in.take<32>();
  out.to_day = in.take<1120>();
  out.to_one_time = in.take<1120>();
  in.zeros(in.left());
  if (!right_kind || !in.complete()) return std::nullopt;
  return out;
}

// th = SHA-256("t1/th" | roster_hash | cert | day | otk | conversation16 | nonce32 | psk_id16 | ctD | ctO)
hash32 make_th(const frame& offer, const hello_fields& hello) {
  return sha256({as_bytes("t1/th"), hello.roster, bytes_view(offer).subspan(2, offer_objects_bytes),
                 hello.conversation, hello.nonce, hello.with, hello.to_day, hello.to_one_time});
}

// SK = HKDF-Extract(salt = th, ikm = ssD | ssO | psk32); RK | HK_survivor | NHK_counselor = Expand(SK, "t1/root", 96)
root_keys make_root_keys(const hash32& th, const secret<32>& day, const secret<32>& one_time, const psk& with) {
  const auto all = hkdf_expand<96>(hkdf_extract(th, {day.view(), one_time.view(), with.view()}), as_bytes("t1/root"));
  return {secret<32>(all.view().subspan<0, 32>()), secret<32>(all.view().subspan<32, 32>()),
          secret<32>(all.view().subspan<64, 32>())};
}

result<certificate> verify_counselor(bytes_view object, const trust& believed, role asked_role,
                                     const desk_id& asked_desk, const expected_counselor* expected, seconds now) {
  auto holder = believed.check(object, now, expected && expected->met ? session_life : 0);
  if (!holder) return holder;
  if (expected) {
    if (expected->certificate != sha256(object)) return std::unexpected(failure::wrong_binding);
    return holder;
  }
  if (holder->holder != asked_role) return std::unexpected(failure::wrong_role);
  if (holder->desk != asked_desk) return std::unexpected(failure::wrong_desk);
  return holder;
}

// `asked`: what this client asked for; the one-time key must have been made for all of it. The roster that it names
// is the caller's to judge.
result<one_time_key> verify_one_time_key(bytes_view object, const sign_public_key& holder,
                                         const hello_fields& asked) {
  const auto one_time = open_one_time_key(object, holder);
  if (!one_time) return std::unexpected(one_time.error());
  if (one_time->certificate_hash != asked.certificate || one_time->conversation != asked.conversation ||
      one_time->nonce != asked.nonce || one_time->day_hash != asked.day) {
    return std::unexpected(failure::wrong_binding);
  }
  return one_time;
}

}  // namespace

frame make_frame(frame_kind kind, std::initializer_list<bytes_view> parts) {
  frame out{};
  out[0] = frame_version;
  out[1] = static_cast<byte>(kind);
  auto at = out.begin() + 2;
  for (bytes_view part : parts) at = std::copy(part.begin(), part.end(), at);
  return out;
}

bool is_frame_of(frame_kind kind, reader& in) {
  return in.number<byte>() == frame_version && in.number<byte>() == static_cast<byte>(kind);
}

result<kem_public_key> verify_day_key(bytes_view object, const sign_public_key& holder,
                                      const hash32& certificate_hash, seconds now) {
  const auto day = open_day_key(object, holder);
  if (!day) return std::unexpected(day.error());
  if (day->certificate_hash != certificate_hash) return std::unexpected(failure::wrong_binding);
  if (now < day->not_before) return std::unexpected(failure::not_yet_valid);
  if (now > day->not_after) return std::unexpected(failure::expired);
  return day->key;
}

psk_id make_psk_id(const psk& key) {
  const hash32 whole = sha256(key.view());
  psk_id out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

secret<32> make_resume_token(const psk& key) {
  return hkdf_expand<32>(hkdf_extract({}, {key.view()}), as_bytes("t1/tok"));
}

// --- the counselor's half ---

day_secret make_day_key(const identity& who, seconds now, random_source& random) {
  kem_key_pair fresh = make_kem_key(random);
  const seconds not_before = now - std::min(now, day_key_head_start);
  return {
      sign_day_key({sha256(who.certificate), not_before, not_before + day_key_life_max, fresh.public_key}, who.sign),
      std::move(fresh.secret_key)};
}

pending_offer pending_offer::make(const identity& who, const day_secret& day, const hash32& roster_hash,
                                  const conversation_id& conversation, const survivor_nonce& nonce,
                                  random_source& random) {
  kem_key_pair fresh = make_kem_key(random);
  pending_offer out;
  out.certificate_hash_ = sha256(who.certificate);
  out.roster_hash_ = roster_hash;
  out.day_hash_ = sha256(day.signed_key);
  out.conversation_ = conversation;
  out.nonce_ = nonce;
  const bytes one_time = sign_one_time_key(
      {out.certificate_hash_, conversation, nonce, roster_hash, out.day_hash_, fresh.public_key}, who.sign);
  out.otk_hash_ = sha256(one_time);
  out.offer_ = make_frame(frame_kind::offer, {who.certificate, day.signed_key, one_time});
  out.day_ = day.key;
  out.one_time_ = std::move(fresh.secret_key);
  return out;
}

result<pending_offer::accepted> pending_offer::answer(
    const frame& hello, const std::function<std::optional<psk>(const psk_id&)>& find_psk, seconds now) {
  const auto said = decode_hello(hello);
  if (!said) return std::unexpected(failure::malformed);
  if (said->conversation != conversation_ || said->nonce != nonce_ || said->roster != roster_hash_ ||
      said->certificate != certificate_hash_ || said->day != day_hash_ || said->one_time != otk_hash_) {
    return std::unexpected(failure::wrong_binding);
  }
  if (!one_time_) return std::unexpected(failure::cannot_open);  // answered before
  psk with;                                                      // zeros: a new person
  if (said->with != psk_id{}) {
    auto known = find_psk(said->with);
    if (!known) return std::unexpected(failure::wrong_binding);
    with = std::move(*known);
  }
  const auto from_day = decapsulate(said->to_day, day_);
  const auto from_one_time = decapsulate(said->to_one_time, *one_time_);
  if (!from_day || !from_one_time) return std::unexpected(failure::cannot_open);

  const hash32 th = make_th(offer_, *said);
  ratchet first = ratchet::of_counselor(make_root_keys(th, *from_day, *from_one_time, with), std::move(*one_time_),
                                        conversation_, th);
  one_time_.reset();
  day_ = {};
  return accepted{handshake::begin(side::counselor, std::move(first), th, certificate_hash_, now), said->with};
}

// --- the survivor's half ---

result<greeting> answer_offer(const frame& offer, const trust& believed, role asked_role, const desk_id& asked_desk,
                              const expected_counselor* expected, const conversation_id& conversation,
                              const survivor_nonce& nonce, const psk* resume, seconds now, random_source& random,
                              const hash32* roster_before) {
  const auto parts = split_offer(offer);
  if (!parts) return std::unexpected(failure::malformed);
  auto counselor = verify_counselor(parts->certificate, believed, asked_role, asked_desk, expected, now);
  if (!counselor) return std::unexpected(counselor.error());

  hello_fields hello;
  hello.conversation = conversation;
  hello.nonce = nonce;
  hello.certificate = sha256(parts->certificate);
  hello.day = sha256(parts->day);
  hello.one_time = sha256(parts->one_time);
  if (resume) hello.with = make_psk_id(*resume);
  const auto day = verify_day_key(parts->day, counselor->sign_key, hello.certificate, now);
  if (!day) return std::unexpected(day.error());
  const auto one_time = verify_one_time_key(parts->one_time, counselor->sign_key, hello);
  if (!one_time) return std::unexpected(one_time.error());
  hello.roster = one_time->roster_hash;
  if (hello.roster != believed.roster_hash && !(roster_before && hello.roster == *roster_before))
    return std::unexpected(failure::other_roster);

  const auto to_day = encapsulate(*day, random);
  if (!to_day) return std::unexpected(to_day.error());
  const auto to_one_time = encapsulate(one_time->key, random);
  if (!to_one_time) return std::unexpected(to_one_time.error());
  hello.to_day = to_day->ciphertext;
  hello.to_one_time = to_one_time->ciphertext;
  const hash32 th = make_th(offer, hello);
  ratchet first =
      ratchet::of_survivor(make_root_keys(th, to_day->shared, to_one_time->shared, resume ? *resume : psk()),
                           one_time->key, conversation, th);
  return greeting{handshake::begin(side::survivor, std::move(first), th, hello.certificate, now),
                  encode(hello),
                  std::move(*counselor),
                  {parts->certificate.begin(), parts->certificate.end()},
                  hello.certificate};
}

}  // namespace tomoshibi::crypto
