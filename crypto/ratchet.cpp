#include "crypto/ratchet.hpp"

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr byte version = 1;
constexpr byte chain_message = 0x01, chain_next = 0x02;

// frame = ver1 | header_nonce24 | header_ct2364 | body_ct1707
constexpr std::size_t header_bytes = 4 + 4 + 4 + 1216 + 1120;  // rsv4 | n4 | pn4 | pk1216 | ct1120
constexpr std::size_t header_nonce_bytes = 24;
constexpr std::size_t sealed_header_bytes = header_bytes + aead_tag_bytes;
constexpr std::size_t sealed_body_bytes = body_bytes + aead_tag_bytes;
static_assert(1 + header_nonce_bytes + sealed_header_bytes + sealed_body_bytes == frame_bytes);

struct frame_parts {
  explicit frame_parts(const frame& in) : whole(in) {}
  bytes_view whole;
  bytes_view nonce() const { return whole.subspan(1, header_nonce_bytes); }
  bytes_view header() const { return whole.subspan(1 + header_nonce_bytes, sealed_header_bytes); }
  bytes_view nonce_and_header() const { return whole.subspan(1, header_nonce_bytes + sealed_header_bytes); }
  bytes_view body() const { return whole.last(sealed_body_bytes); }
};

secret<32> next_message_key(secret<32>& chain) {
  secret<32> message_key = hmac(chain, bytes_view{&chain_message, 1});
  chain = hmac(chain, bytes_view{&chain_next, 1});
  return message_key;
}

struct body_key {
  secret<32> key;
  aead_nonce nonce{};
};

body_key make_body_key(const secret<32>& message_key, bytes_view header_nonce) {
  const auto both = hkdf_expand<32 + 24>(message_key, writer().put("t1/msg").put(header_nonce).finish());
  body_key out{secret<32>(both.view().first<32>()), {}};
  std::copy_n(both.view().begin() + 32, 24, out.nonce.begin());
  return out;
}

// The body is bound to all that comes before it in the frame.
bytes body_associated(bytes_view associated, const frame_parts& parts) {
  return writer(associated.size() + header_nonce_bytes + sealed_header_bytes)
      .put(associated)
      .put(parts.nonce_and_header())
      .finish();
}

bool is_over(seconds since, seconds now, seconds life) { return now > since && now - since > life; }

}  // namespace

ratchet::ratchet(side me, root_keys keys, const conversation_id& conversation, const hash32& th)
    : me_(me), root_(std::move(keys.root)) {
  auto at = std::copy(conversation.begin(), conversation.end(), associated_.begin());
  at = std::copy(th.begin(), th.end(), at);
  *at = version;
  next_sending_header_ = std::move(me == side::survivor ? keys.survivor_header : keys.counselor_header);
  next_receiving_header_ = std::move(me == side::survivor ? keys.counselor_header : keys.survivor_header);
}

ratchet ratchet::of_survivor(root_keys keys, const kem_public_key& one_time, const conversation_id& conversation,
                             const hash32& th) {
  ratchet out(side::survivor, std::move(keys), conversation, th);
  out.peer_key_ = one_time;
  return out;
}

ratchet ratchet::of_counselor(root_keys keys, kem_secret_key one_time, const conversation_id& conversation,
                              const hash32& th) {
  ratchet out(side::counselor, std::move(keys), conversation, th);
  out.my_key_ = std::move(one_time);
  return out;
}

// RK' | CK | NHK | RS = HKDF(salt = RK, ikm = shared, "t1/rk", 128)
ratchet::step_keys ratchet::step(side whose, const secret<32>& shared) {
  const auto all = hkdf_expand<128>(hkdf_extract(root_.view(), {shared.view()}), as_bytes("t1/rk"));
  root_ = secret<32>(all.view().subspan<0, 32>());
  if (whose == side::counselor) {
    resume_before_ = std::move(resume_);
    resume_ = psk(all.view().subspan<96, 32>());
  }
  return {secret<32>(all.view().subspan<32, 32>()), secret<32>(all.view().subspan<64, 32>())};
}

// --- sealing ---

std::optional<failure> ratchet::begin_sending(random_source& random) {
  auto to_peer = encapsulate(*peer_key_, random);
  if (!to_peer) return to_peer.error();
  kem_key_pair fresh = make_kem_key(random);
  step_keys keys = step(me_, to_peer->shared);

  sending_turn turn;
  turn.chain = std::move(keys.chain);
  turn.header_key = std::move(next_sending_header_);
  turn.pn = sending_ ? sending_->n : 0;
  turn.key = fresh.public_key;
  turn.ciphertext = to_peer->ciphertext;
  sending_ = std::move(turn);
  next_sending_header_ = std::move(keys.next_header_key);
  my_key_ = std::move(fresh.secret_key);
  peer_key_.reset();
  return std::nullopt;
}

result<frame> ratchet::seal(bytes_view body, random_source& random) {
  if (!can_seal()) return std::unexpected(failure::may_not_send);
  if (seal_steps()) {
    if (auto failed = begin_sending(random)) return std::unexpected(*failed);
  }
  const auto header_nonce = random.make_block<header_nonce_bytes>();
  const auto plain_header = secret_writer(header_bytes)
                                .number(std::uint32_t{0})
                                .number(sending_->n)
                                .number(sending_->pn)
                                .put(sending_->key)
                                .put(sending_->ciphertext)
                                .finish();
  const bytes sealed_header = crypto::seal(sending_->header_key, header_nonce, plain_header, associated_);

  frame out;
  out[0] = version;
  auto at = std::copy(header_nonce.begin(), header_nonce.end(), out.begin() + 1);
  at = std::copy(sealed_header.begin(), sealed_header.end(), at);
  const body_key with = make_body_key(next_message_key(sending_->chain), header_nonce);
  const bytes sealed_body = crypto::seal(with.key, with.nonce, body, body_associated(associated_, frame_parts(out)));
  std::copy(sealed_body.begin(), sealed_body.end(), at);
  ++sending_->n;
  return out;
}

// --- opening ---

std::optional<ratchet::header> ratchet::open_header(const frame& in, const secret<32>& key) const {
  const frame_parts parts(in);
  const auto nonce = reader(parts.nonce()).take<header_nonce_bytes>();
  const auto plain = crypto::open(key, nonce, parts.header(), associated_);
  if (!plain) return std::nullopt;
  reader rest(*plain);
  rest.zeros(4);
  header out;
  out.n = rest.number<std::uint32_t>();
  out.pn = rest.number<std::uint32_t>();
  out.key = rest.take<std::tuple_size_v<kem_public_key>>();
  out.ciphertext = rest.take<std::tuple_size_v<kem_ciphertext>>();
  if (!rest.complete()) return std::nullopt;
  return out;
}

result<ratchet::opened> ratchet::open_body(const frame& in, const secret<32>& message_key,
                                           std::uint64_t number) const {
  const frame_parts parts(in);
  const body_key with = make_body_key(message_key, parts.nonce());
  auto body = crypto::open(with.key, with.nonce, parts.body(), body_associated(associated_, parts));
  if (!body) return std::unexpected(failure::cannot_open);
  return opened{std::move(*body), number, false, false};
}

// Keeps the keys of the current turn from `next` up to, not including, `n`.
std::optional<failure> ratchet::skip_to(std::uint32_t n, seconds now) {
  receiving_turn& turn = received_.back();
  if (n < turn.next) return failure::cannot_open;
  std::size_t in_all = n - turn.next;
  for (const receiving_turn& each : received_) in_all += each.skipped.size();
  if (n - turn.next + turn.skipped.size() > skipped_in_chain_max || in_all > skipped_in_all_max) {
    return failure::out_of_bounds;
  }
  for (; turn.next < n; ++turn.next) {
    turn.skipped.push_back({turn.next, next_message_key(receiving_chain_), now});
  }
  return std::nullopt;
}

std::optional<failure> ratchet::begin_receiving(const header& seen, const hash32& fixed, seconds now) {
  receiving_turn turn;
  if (received_.empty()) {
    if (seen.pn != 0) return failure::cannot_open;
  } else {
    if (auto failed = skip_to(seen.pn, now)) return failed;
    received_.back().over_since = now;
    turn.first = received_.back().first + seen.pn;
    if (received_.size() > old_turns_max) received_.erase(received_.begin());
  }
  auto shared = decapsulate(seen.ciphertext, *my_key_);
  if (!shared) return failure::cannot_open;
  my_key_.reset();
  step_keys keys = step(me_ == side::survivor ? side::counselor : side::survivor, *shared);
  turn.header_key = std::move(next_receiving_header_);
  turn.fixed = fixed;
  received_.push_back(std::move(turn));
  receiving_chain_ = std::move(keys.chain);
  next_receiving_header_ = std::move(keys.next_header_key);
  peer_key_ = seen.key;
  return std::nullopt;
}

result<ratchet::opened> ratchet::open(const frame& in, seconds now) {
  if (in[0] != version) return std::unexpected(failure::cannot_open);
  // Newest first: nearly every frame belongs to the current turn.
  std::optional<header> seen;
  auto turn = received_.rbegin();
  while (turn != received_.rend() && !(seen = open_header(in, turn->header_key))) ++turn;
  // The peer cannot begin another turn before we have answered its last: only then is there a key to answer to.
  const bool steps = !seen && my_key_ && (seen = open_header(in, next_receiving_header_));
  if (!seen) return std::unexpected(failure::cannot_open);

  const hash32 fixed = sha256({writer().number(seen->pn).finish(), seen->key, seen->ciphertext});
  if (steps) {
    if (auto failed = begin_receiving(*seen, fixed, now)) return std::unexpected(*failed);
    turn = received_.rbegin();
  } else if (turn->fixed != fixed) {
    return std::unexpected(failure::cannot_open);
  }

  const std::uint64_t number = turn->first + seen->n;
  if (seen->n >= turn->next) {
    if (turn != received_.rbegin()) return std::unexpected(failure::cannot_open);  // a turn that is over has no more
    if (auto failed = skip_to(seen->n, now)) return std::unexpected(*failed);
    ++turn->next;
    auto out = open_body(in, next_message_key(receiving_chain_), number);
    if (out) out->stepped = steps;
    return out;
  }
  const auto kept = std::ranges::find(turn->skipped, seen->n, &skipped_key::n);
  if (kept == turn->skipped.end()) return opened{{}, number, true, false};
  auto out = open_body(in, kept->message_key, number);
  turn->skipped.erase(kept);
  return out;
}

void ratchet::purge(seconds now) {
  if (received_.empty()) return;
  for (receiving_turn& turn : received_) {
    std::erase_if(turn.skipped, [&](const skipped_key& each) { return is_over(each.since, now, skipped_life); });
  }
  received_.erase(
      std::remove_if(received_.begin(), received_.end() - 1,
                     [&](const receiving_turn& turn) { return is_over(turn.over_since, now, skipped_life); }),
      received_.end() - 1);
}

}  // namespace tomoshibi::crypto
