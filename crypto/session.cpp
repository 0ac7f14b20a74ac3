#include "crypto/session.hpp"

#include "crypto/handshake.hpp"
#include "crypto/ratchet.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr std::uint16_t more_flag = 0x8000;

constexpr side other(side one) { return one == side::survivor ? side::counselor : side::survivor; }

// type1 | len2 | data | zeros; bit 15 of len2: more follows
secret_bytes encode_body(body_type type, bytes_view data, bool more) {
  const auto length = static_cast<std::uint16_t>(data.size() | (more ? more_flag : 0u));
  return secret_writer(body_bytes)
      .number(static_cast<byte>(type))
      .number(length)
      .put(data)
      .pad_to(body_bytes)
      .finish();
}

// Into `out`; false if the body is not one that `from` may send.
bool decode_body(bytes_view body, side from, session::opened& out) {
  reader in(body);
  const byte type = in.number<byte>();
  const auto length = in.number<std::uint16_t>();
  const bytes_view data = in.view(length & ~more_flag);
  in.zeros(in.left());
  if (!in.complete() || !may_send(from, body_type{type})) return false;
  out.type = body_type{type};
  out.more = (length & more_flag) != 0;
  out.data.assign(data.begin(), data.end());
  return true;
}

}  // namespace

bool may_send(side from, body_type type) {
  switch (type) {
    case body_type::cover:
    case body_type::text:
    case body_type::close:
    case body_type::delivered:
    case body_type::history_wanted:
    case body_type::history:
      return true;
    case body_type::handover_offer:
    case body_type::sheet:
    case body_type::invitation:
    case body_type::withdrawal:
      return from == side::counselor;
    case body_type::sequenced:
    case body_type::company:
    case body_type::handover_accept:
    case body_type::urgent:
    case body_type::left_by_exit:
    case body_type::safe_word:
      return from == side::survivor;
  }
  return false;  // not a type of this version
}

struct session::state {
  side me;
  ratchet talk;
  hash32 th;
  hash32 certificate_hash;
  seconds begun;
  unsigned failures = 0;
  bool heard = false;
  std::size_t fragments = 0;  // of the message being sealed

  bool older_than(seconds life, seconds now) const { return now > begun && now - begun > life; }
};

void session::state_deleter::operator()(state* gone) const noexcept { delete gone; }

session::session(std::unique_ptr<state, state_deleter> from) : state_(std::move(from)) {}

session handshake::begin(side me, ratchet first, const hash32& th, const hash32& certificate_hash, seconds now) {
  return session(std::unique_ptr<session::state, session::state_deleter>(
      new session::state{me, std::move(first), th, certificate_hash, now}));
}

result<frame> session::seal(body_type type, bytes_view data, bool more, seconds now, random_source& random) {
  state& my = *state_;
  if (broken() || my.older_than(session_life, now) || !may_send(my.me, type)) {
    return std::unexpected(failure::may_not_send);
  }
  if (data.size() > body_data_bytes_max || (more && my.fragments + 1 >= fragments_max)) {
    return std::unexpected(failure::out_of_bounds);
  }
  auto out = my.talk.seal(encode_body(type, data, more), random);
  if (out) my.fragments = more ? my.fragments + 1 : 0;
  return out;
}

bool session::seal_steps() const { return state_->talk.seal_steps(); }

result<session::opened> session::open(const frame& in, seconds now) {
  state& my = *state_;
  if (broken()) return std::unexpected(failure::cannot_open);
  if (my.older_than(session_life + session_grace, now)) return std::unexpected(failure::out_of_bounds);
  my.talk.purge(now);

  ratchet next = my.talk;  // kept only if the whole frame is good
  auto frame_opened = next.open(in, now);
  if (!frame_opened) {
    ++my.failures;
    return std::unexpected(frame_opened.error());
  }
  opened out;
  out.number = frame_opened->number;
  out.duplicate = frame_opened->duplicate;
  out.stepped = frame_opened->stepped;
  if (out.duplicate) return out;
  if (!decode_body(frame_opened->body, other(my.me), out)) {
    ++my.failures;
    return std::unexpected(failure::cannot_open);
  }
  my.talk = std::move(next);
  my.heard = true;
  return out;
}

bool session::tick(seconds now) {
  state_->talk.purge(now);
  return state_->older_than(session_life + session_grace, now);
}

const hash32& session::id() const { return state_->th; }

const psk* session::resume_secret() const {
  const auto& secret = state_->talk.resume_secret();
  return secret ? &*secret : nullptr;
}

const psk* session::resume_secret_before() const {
  const auto& secret = state_->talk.resume_secret_before();
  return secret ? &*secret : nullptr;
}

bool session::broken() const { return state_->failures >= session_failures_max; }
bool session::heard() const { return state_->heard; }
const hash32& session::peer_certificate_hash() const { return state_->certificate_hash; }

}  // namespace tomoshibi::crypto
