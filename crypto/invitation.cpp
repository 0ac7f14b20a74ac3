#include "crypto/invitation.hpp"

#include "crypto/aead.hpp"
#include "crypto/handshake.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr byte introduction_version = 1;
constexpr std::size_t introduced_plain_bytes = 32 + 32 + 2 + sheet_bytes_max;
constexpr std::size_t sealed_bytes = introduced_plain_bytes + aead_tag_bytes;
constexpr std::size_t clear_bytes = introduction_bytes - sealed_bytes;
static_assert(introduced_plain_bytes == 8258 && clear_bytes == 2274);

hash32 hash_sheet(const hash32& by, const hash32& to, const hash32& th, invitation_kind kind, const secret<32>& salt,
                  bytes_view sheet) {
  const byte kind_byte = static_cast<byte>(kind);
  return sha256({as_bytes("t1/sheet"), by, to, th, {&kind_byte, 1}, salt.view(), sheet});
}

struct sealing {
  secret<32> key;
  aead_nonce nonce{};
};

// PRK = HKDF-Extract(salt = SHA-256("t1/ho" | th_A | cert_hash_A | cert_hash_B | accept), ikm = ssD | ssH | X25519(A,
// B)); key32 | nonce24 = Expand(PRK, "t1/ho", 56)
sealing make_sealing(const hash32& th, const hash32& by, const hash32& to, const hash32& accept,
                     const secret<32>& day, const secret<32>& hand_over, const secret<32>& agreed) {
  const hash32 salt = sha256({as_bytes("t1/ho"), th, by, to, accept});
  const auto out =
      hkdf_expand<56>(hkdf_extract(salt, {day.view(), hand_over.view(), agreed.view()}), as_bytes("t1/ho"));
  return {secret<32>(out.view().subspan<0, 32>()), reader(out.view().subspan<32, 24>()).take<24>()};
}

// ver1 | kind1 | accept32 | ctD1120 | ctH1120
struct clear_part {
  invitation_kind kind{};
  hash32 accept{};
  kem_ciphertext to_day{}, to_hand_over{};
};

bytes encode(const clear_part& in) {
  return writer(clear_bytes)
      .number(introduction_version)
      .number(static_cast<byte>(in.kind))
      .put(in.accept)
      .put(in.to_day)
      .put(in.to_hand_over)
      .finish();
}

std::optional<clear_part> decode_clear(reader& in) {
  const byte version = in.number<byte>();
  const byte kind = in.number<byte>();
  clear_part out;
  out.kind = static_cast<invitation_kind>(kind);
  out.accept = in.take<32>();
  out.to_day = in.take<1120>();
  out.to_hand_over = in.take<1120>();
  const bool known = out.kind == invitation_kind::take_over || out.kind == invitation_kind::join;
  return version == introduction_version && known && in.ok() ? std::optional(out) : std::nullopt;
}

// invite32 | salt32 | length2 | sheet | zeros
struct inner_part {
  secret<32> invite, salt;
  secret_bytes sheet;
};

std::optional<inner_part> decode_inner(std::span<const byte, introduced_plain_bytes> plain) {
  inner_part out{secret<32>(plain.subspan<0, 32>()), secret<32>(plain.subspan<32, 32>()), {}};
  reader in(plain.subspan<64>());
  const bytes_view sheet = in.view(in.number<std::uint16_t>());
  out.sheet.assign(sheet.begin(), sheet.end());
  in.zeros(in.left());
  return in.complete() && !out.sheet.empty() ? std::optional(std::move(out)) : std::nullopt;
}

introduction split(bytes_view whole) {
  introduction out{};
  for (frame& piece : out) {
    const bytes_view part = whole.first(std::min(whole.size(), piece.size()));
    std::copy(part.begin(), part.end(), piece.begin());
    whole = whole.subspan(part.size());
  }
  return out;
}

bytes join(const introduction& pieces) {
  writer out(pieces.size() * frame_bytes);
  for (const frame& piece : pieces) out.put(piece);
  return out.finish();
}

hash32 hash_text(bytes_view text) {
  const byte type = static_cast<byte>(body_type::text);
  return sha256({{&type, 1}, text});
}

}  // namespace

// --- who ---

bool may_be_invited(role by, role who) {
  return who != role::administrator && (by == role::drill) == (who == role::drill);
}

result<certificate> check_invited(bytes_view signed_certificate, const trust& believed, role by,
                                  const hash32& by_hash, seconds now) {
  auto holder = believed.check(signed_certificate, now);
  if (!holder) return holder;
  if (!may_be_invited(by, holder->holder)) return std::unexpected(failure::wrong_role);
  if (sha256(signed_certificate) == by_hash) return std::unexpected(failure::wrong_binding);
  return holder;
}

// --- what A and the survivor agree on ---

result<invitation> make_invitation(invitation_kind kind, const hash32& from, const hash32& th, bytes_view to,
                                   bytes_view sheet, random_source& random) {
  if (to.size() != certificate_bytes) return std::unexpected(failure::malformed);
  if (sheet.empty() || sheet.size() > sheet_bytes_max) return std::unexpected(failure::out_of_bounds);
  return invitation{kind,
                    from,
                    th,
                    bytes(to.begin(), to.end()),
                    random.make_secret<32>(),
                    random.make_secret<32>(),
                    secret_bytes(sheet.begin(), sheet.end())};
}

secret_bytes encode_invitation(const invitation& from) {
  return secret_writer(invitation_bytes).put(from.invite.view()).put(from.salt.view()).put(from.to).finish();
}

result<invitation> decode_invitation(body_type type, bytes_view data, const hash32& from, const hash32& th) {
  if (type != body_type::handover_offer && type != body_type::invitation) return std::unexpected(failure::malformed);
  if (data.size() != invitation_bytes) return std::unexpected(failure::malformed);
  invitation out;
  out.kind = type == body_type::handover_offer ? invitation_kind::take_over : invitation_kind::join;
  out.from = from;
  out.th = th;
  out.invite = secret<32>(data.subspan<0, 32>());
  out.salt = secret<32>(data.subspan<32, 32>());
  const bytes_view to = data.subspan(64);
  out.to.assign(to.begin(), to.end());
  return out;
}

hash32 make_question(bytes_view data) { return sha256({as_bytes("t1/ask"), data}); }

hash32 make_accept(const invitation& agreed) {
  return hash_sheet(agreed.from, sha256(agreed.to), agreed.th, agreed.kind, agreed.salt, agreed.sheet);
}

psk make_invitation_psk(const secret<32>& invite, const hash32& accept) {
  hash32 whole = sha256({as_bytes("t1/inv"), invite.view(), accept});
  psk out(whole);
  wipe(whole);
  return out;
}

bytes encode_answer(const answer& from) {
  writer out;
  out.put(from.question);
  if (from.accept) out.put(*from.accept);
  return out.finish();
}

result<answer> decode_answer(bytes_view data) {
  reader in(data);
  answer out{in.take<32>(), {}};
  if (in.left() > 0) out.accept = in.take<32>();
  if (!in.complete()) return std::unexpected(failure::malformed);
  return out;
}

// --- CONSENT = ver1 | kind1 | certificate_B 202 | day key 1328 | hand-over key 1376 | zeros ---

result<consented> open_consent(const frame& consent, const trust& believed, role own_role, const hash32& own_hash,
                               const hash32& asked, const hash32& th, seconds now) {
  reader in(consent);
  const bool right_kind = is_frame_of(frame_kind::consent, in);
  const bytes_view holder_object = in.view(certificate_bytes);
  const bytes_view day_object = in.view(day_key_bytes);
  const bytes_view hand_over_object = in.view(hand_over_key_bytes);
  in.zeros(in.left());
  if (!right_kind || !in.complete()) return std::unexpected(failure::malformed);

  auto holder = check_invited(holder_object, believed, own_role, own_hash, now);
  if (!holder) return std::unexpected(holder.error());
  const hash32 hash = sha256(holder_object);
  if (hash != asked) return std::unexpected(failure::wrong_binding);
  const auto day = verify_day_key(day_object, holder->sign_key, hash, now);
  if (!day) return std::unexpected(day.error());
  const auto hand_over = open_hand_over_key(hand_over_object, holder->sign_key);
  if (!hand_over) return std::unexpected(hand_over.error());
  if (hand_over->certificate_hash != hash || hand_over->invited_by != own_hash || hand_over->session != th) {
    return std::unexpected(failure::wrong_binding);
  }
  return consented{std::move(*holder), hash, *day, hand_over->key};
}

pending_consent pending_consent::make(const identity& who, const day_secret& day, invitation_kind kind,
                                      const certificate& by, const hash32& by_hash, const hash32& th,
                                      random_source& random) {
  kem_key_pair fresh = make_kem_key(random);
  pending_consent out;
  out.kind_ = kind;
  out.own_hash_ = sha256(who.certificate);
  out.by_hash_ = by_hash;
  out.th_ = th;
  out.own_ = who.agree;
  out.by_key_ = by.agree_key;
  out.day_ = day.key;
  const bytes hand_over = sign_hand_over_key({out.own_hash_, by_hash, th, fresh.public_key}, who.sign);
  out.hand_over_ = std::move(fresh.secret_key);
  out.consent_ = make_frame(frame_kind::consent, {who.certificate, day.signed_key, hand_over});
  return out;
}

// --- INTRODUCTION = ver1 | kind1 | accept32 | ctD1120 | ctH1120 | sealed ---

result<introduction> introduce(const invitation& agreed, const consented& by, const agree_seed& own,
                               random_source& random) {
  if (sha256(agreed.to) != by.certificate_hash) return std::unexpected(failure::wrong_binding);
  const hash32 accept = make_accept(agreed);
  const auto to_day = encapsulate(by.day, random);
  if (!to_day) return std::unexpected(to_day.error());
  const auto to_hand_over = encapsulate(by.hand_over, random);
  if (!to_hand_over) return std::unexpected(to_hand_over.error());
  const auto shared = agree(own, by.holder.agree_key);
  if (!shared) return std::unexpected(shared.error());

  const sealing under = make_sealing(agreed.th, agreed.from, by.certificate_hash, accept, to_day->shared,
                                     to_hand_over->shared, *shared);
  const secret_bytes plain = secret_writer(introduced_plain_bytes)
                                 .put(agreed.invite.view())
                                 .put(agreed.salt.view())
                                 .number(static_cast<std::uint16_t>(agreed.sheet.size()))
                                 .put(agreed.sheet)
                                 .pad_to(introduced_plain_bytes)
                                 .finish();
  const bytes clear = encode(clear_part{agreed.kind, accept, to_day->ciphertext, to_hand_over->ciphertext});
  return split(writer(introduction_bytes).put(clear).put(seal(under.key, under.nonce, plain, clear)).finish());
}

result<introduced> pending_consent::open(const introduction& in) {
  const bytes whole = join(in);
  reader rest(whole);
  const auto clear = decode_clear(rest);
  const bytes_view sealed = rest.view(sealed_bytes);
  rest.zeros(rest.left());
  if (!clear || !rest.complete()) return std::unexpected(failure::malformed);
  if (clear->kind != kind_) return std::unexpected(failure::wrong_binding);
  if (!hand_over_) return std::unexpected(failure::cannot_open);  // opened before

  const auto from_day = decapsulate(clear->to_day, day_);
  const auto from_hand_over = decapsulate(clear->to_hand_over, *hand_over_);
  const auto shared = agree(own_, by_key_);
  if (!from_day || !from_hand_over || !shared) return std::unexpected(failure::cannot_open);
  const sealing under = make_sealing(th_, by_hash_, own_hash_, clear->accept, *from_day, *from_hand_over, *shared);
  const auto plain = crypto::open(under.key, under.nonce, sealed, bytes_view(whole).first(clear_bytes));
  if (!plain) return std::unexpected(plain.error());
  auto inner = decode_inner(bytes_view(*plain).first<introduced_plain_bytes>());
  if (!inner) return std::unexpected(failure::malformed);
  if (hash_sheet(by_hash_, own_hash_, th_, kind_, inner->salt, inner->sheet) != clear->accept) {
    return std::unexpected(failure::wrong_binding);
  }

  hand_over_.reset();
  day_ = {};
  own_ = {};
  return introduced{kind_,         by_hash_,
                    th_,           std::move(inner->sheet),
                    clear->accept, make_invitation_psk(inner->invite, clear->accept)};
}

std::optional<psk> awaited::find(const psk_id& wanted, seconds now) const {
  return wanted == id_ && !over(now) ? with_ : std::nullopt;
}

bool awaited::over(seconds now) const { return !with_ || (now > since_ && now - since_ > invitation_life); }

// --- company ---

bytes encode_company(const company& from) { return writer(company_bytes).put(from.other).put(from.begin).finish(); }

result<company> decode_company(bytes_view data) {
  reader in(data);
  company out;
  const bytes_view other = in.view(certificate_bytes);
  out.other.assign(other.begin(), other.end());
  out.begin = in.take<32>();
  if (!in.complete()) return std::unexpected(failure::malformed);
  return out;
}

hash32 begin_transcript(const hash32& th_before, const hash32& th_joined) {
  return sha256({as_bytes("t1/seq"), th_before, th_joined});
}

secret_bytes encode_sequenced(const sequenced& from) {
  return secret_writer(sequenced_bytes_beside + from.text.size())
      .number(from.seq)
      .put(from.h)
      .put(from.sender)
      .put(from.text)
      .finish();
}

result<sequenced> decode_sequenced(bytes_view data) {
  if (data.size() < sequenced_bytes_beside) return std::unexpected(failure::malformed);
  reader in(data);
  sequenced out;
  out.seq = in.number<std::uint64_t>();
  out.h = in.take<32>();
  out.sender = in.take<32>();
  const bytes_view text = in.rest();
  out.text.assign(text.begin(), text.end());
  return out;
}

// h_i = SHA-256(h_(i-1) | seq8 | sender32 | SHA-256(type1 = 01 | message_id16 | lang1 | UTF-8))
sequenced transcript::append(const hash32& sender, bytes_view text) {
  ++seq_;
  h_ = sha256({h_, writer(8).number(seq_).finish(), sender, hash_text(text)});
  return {seq_, h_, sender, secret_bytes(text.begin(), text.end())};
}

transcript_witness::transcript_witness(const hash32& begin, const hash32& own, const hash32& other)
    : chain_(begin), own_(own), other_(other) {}

void transcript_witness::said(bytes_view text) {
  waiting_.push_back({reader(text).take<16>(), hash_text(text), true});
}

void transcript_witness::said_before(bytes_view text) {
  waiting_.push_back({reader(text).take<16>(), hash_text(text), false});
}

result<sequenced> transcript_witness::follow(bytes_view data) {
  auto next = decode_sequenced(data);
  if (!next) return refuse(next.error());
  const sequenced expected = chain_.append(next->sender, next->text);
  if (next->seq != expected.seq || next->h != expected.h) return refuse(failure::forked);
  if (next->sender != own_ && next->sender != other_ && next->sender != survivor_sender) {
    return refuse(failure::wrong_binding);
  }
  if (next->sender == own_) {
    const hash32 whole = hash_text(next->text);
    const auto ours =
        std::ranges::find_if(waiting_, [&](const own_text& each) { return each.owed || each.whole == whole; });
    if (ours == waiting_.end() || ours->whole != whole) return refuse(failure::wrong_binding);
    waiting_.erase(waiting_.begin(), ours + 1);
  }
  return next;
}

result<void> transcript_witness::delivered(const block<16>& message_id) {
  const auto ours = std::ranges::find(waiting_, message_id, &own_text::id);
  if (ours == waiting_.end()) return {};
  if (ours->owed) return refuse(failure::forked);
  waiting_.erase(ours);
  return {};
}

std::unexpected<failure> transcript_witness::refuse(failure why) {
  broken_ = true;
  return std::unexpected(why);
}

}  // namespace tomoshibi::crypto
