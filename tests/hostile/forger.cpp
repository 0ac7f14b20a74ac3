#include "tests/hostile/forger.hpp"

#include "crypto/hpke.hpp"
#include "crypto/inbox.hpp"

namespace tomoshibi::core {

using crypto::identity;
using crypto::role;

std::vector<bytes> forger::run_before;

forger::forger(world& in, std::uint64_t seed) : in_(in), random_(seed ^ 0x686f7374696c65), other_centre_(random_) {
  signed_centre& real = in.signed_by;
  people_.push_back(real.enrol(role::counselor, real.desk, "disabled"));
  real.disable(people_.back());
  people_.push_back(real.enrol(role::counselor, real.desk, "expired", in.now - 10));
  people_.push_back(real.enrol(role::drill, real.drill_desk, "drill"));
  people_.push_back(real.enrol(role::counselor, crypto::make_desk_id(real.trust().centre.centre, "far"), "far away"));
  people_.push_back(real.enrol(role::administrator, real.desk, "administrator"));
  real.publish_next();
  in.believe_published();

  signed_centre unlisted = real;
  people_.push_back(unlisted.enrol(role::counselor, real.desk, "unlisted"));
  fork_.emplace(real);
  fork_->publish_other(2);
  other_centre_.publish();
  people_.push_back(other_centre_.enrol(role::counselor, real.desk, "of another centre"));
  other_centre_.publish_next();
  identity stolen = in.staff[0];  // its certificate, but not its keys
  stolen.sign = random_.make_secret<32>();
  stolen.agree = random_.make_secret<32>();
  people_.push_back(std::move(stolen));
}

std::size_t forger::below(std::size_t end) {
  return static_cast<std::size_t>(reader(random_.make_block<8>()).number<std::uint64_t>() % end);
}

conversation_id forger::any_conversation() {
  if (nonces_.empty() || one_in(10)) return random_.make_block<16>();
  return std::next(nonces_.begin(), static_cast<std::ptrdiff_t>(below(nonces_.size())))->first;
}

// --- it overhears ---

void forger::hear_client(const wire::client_message& said, bool by_staff) {
  if (const auto* it = std::get_if<wire::enter>(&said)) nonces_[it->conversation] = it->challenge;
  if (const auto* it = std::get_if<wire::enter_invited>(&said)) nonces_[it->conversation] = it->challenge;
  if (const auto* it = std::get_if<wire::new_nonce>(&said)) nonces_[it->conversation] = it->challenge;
  if (const auto* it = std::get_if<wire::resume>(&said); it && !it->kept) nonces_[it->conversation] = it->challenge;
  if (const auto* it = std::get_if<wire::offer>(&said)) offers_[it->conversation] = it->body;
  if (const auto* it = std::get_if<wire::invite>(&said)) invitations_[it->conversation] = {it->th, it->to};
  if (const auto* it = std::get_if<wire::hello>(&said); it && !by_staff)
    for (crypto::pending_offer& each : made_offers_)
      if (each.answer(
              it->body, [](const auto&) { return std::optional<crypto::psk>(); }, in_.now))
        read_.push_back("a HELLO to an offer of its own");
  if (const auto* it = std::get_if<wire::talk>(&said); it && by_staff)
    if (const auto with = posing_.find(it->conversation); with != posing_.end())
      (void)with->second.open(it->body, in_.now);
  read_letter(said);
  const bytes all = wire::encode(said);
  if (as_text(all).find("canary ") != std::string::npos) read_.push_back("a text in clear");
}

void forger::read_letter(const wire::client_message& said) {
  const auto* part = std::get_if<wire::letter_part>(&said);
  if (part == nullptr || part->number != 1) return;
  // A slot is enough: with it comes the key of the rest.
  for (const crypto::kem_secret_key& key : inbox_keys_) {
    constexpr std::size_t enc = std::tuple_size_v<crypto::kem_ciphertext>;
    reader in(part->body);
    const auto head = crypto::letter_head{(in.view(1), in.take<16>()), in.number<crypto::local_day>(), in.take<32>()};
    const bytes info = writer().put("t1/slot").put(head.id).number(head.day).put(head.roster_hash).finish();
    while (in.left() >= crypto::letter_slot_bytes) {
      const auto to = in.take<enc>();
      if (crypto::hpke_open(to, in.view(crypto::letter_slot_bytes - enc), info, key)) read_.push_back("a letter");
    }
  }
}

void forger::hear_server(const bytes& said) { heard_.push_back(said); }

// --- it lies ---

bytes forger::flip(bytes message) {
  if (!message.empty()) message[below(message.size())] ^= static_cast<byte>(1u << below(8));
  return message;
}

std::optional<bytes> forger::replay(std::optional<byte> code) {
  std::vector<const bytes*> fit;
  for (const bytes& each : heard_)
    if (!code || each[0] == *code) fit.push_back(&each);
  for (const bytes& each : run_before)
    if (!code || each[0] == *code) fit.push_back(&each);
  return fit.empty() ? std::nullopt : std::optional(*fit[below(fit.size())]);
}

std::optional<bytes> forger::cross(const bytes& message) {
  auto said = wire::decode_server(message);
  const auto other = replay(message[0]);
  const auto from = other ? wire::decode_server(*other) : std::unexpected(wire::error::malformed);
  if (!said || !from) return std::nullopt;
  std::visit(
      [&]<class T>(T& into) {
        T copy = std::get<T>(*from);
        constexpr std::size_t count = std::tuple_size_v<decltype(into.fields())>;
        if constexpr (count > 0) {
          std::size_t chosen = below(count), at = 0;
          [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((at++ == chosen ? void(std::get<I>(into.fields()) = std::get<I>(copy.fields())) : void()), ...);
          }
          (std::make_index_sequence<count>());
        }
      },
      *said);
  return wire::encode(*said);
}

crypto::frame forger::make_offer(const conversation_id& id) {
  const identity& from = anybody();
  const seconds day = one_in(4) ? in_.now - 3 * 86400 : in_.now;
  const auto nonce = nonces_.contains(id) && !one_in(4) ? nonces_[id] : random_.make_block<32>();
  const auto roster = one_in(4) ? crypto::sha256(fork_->roster_object) : in_.signed_by.trust().roster_hash;
  made_offers_.push_back(crypto::pending_offer::make(from, crypto::make_day_key(from, day, random_), roster,
                                                     one_in(6) ? any_conversation() : id, nonce, random_));
  if (made_offers_.size() > 20) made_offers_.pop_front();
  crypto::frame out = made_offers_.back().offer();
  // Under the certificate of somebody honest: the keys are not theirs.
  if (one_in(3)) std::ranges::copy(in_.staff[below(in_.staff.size())].certificate, out.begin() + 2);
  return out;
}

// An answer to a counselor's OFFER: for the server knows the nonce. With a secret that it does not have, or as
// somebody new.
std::optional<crypto::frame> forger::make_hello(const conversation_id& id) {
  const auto offer = offers_.find(id);
  if (offer == offers_.end() || !nonces_.contains(id)) return std::nullopt;
  const crypto::psk guess = random_.make_secret<32>();
  const bool as_new = one_in(2);
  auto made = crypto::answer_offer(offer->second, in_.signed_by.trust(), role::counselor, in_.signed_by.desk, nullptr,
                                   id, nonces_[id], as_new ? nullptr : &guess, in_.now, random_);
  if (!made) return std::nullopt;
  const crypto::frame hello = made->hello;
  if (as_new) posing_.insert_or_assign(id, std::move(made->talk));
  return hello;
}

crypto::frame forger::make_consent(const conversation_id& id) {
  const identity& from = anybody();
  const auto inviting = in_.signed_by.trust().check(in_.staff[0].certificate, in_.now);
  return crypto::pending_consent::make(from, crypto::make_day_key(from, in_.now, random_),
                                       one_in(2) ? invitation_kind::join : invitation_kind::take_over, *inviting,
                                       crypto::sha256(in_.staff[below(in_.staff.size())].certificate),
                                       invitations_[id].first, random_)
      .consent();
}

wire::letter_reader forger::make_reader() {
  const identity& from = anybody();
  const auto pair = crypto::make_kem_key(random_);
  inbox_keys_.push_back(pair.secret_key);
  wire::letter_reader out;
  const identity& shown = one_in(3) ? in_.staff[below(in_.staff.size())] : from;
  std::ranges::copy(shown.certificate, out.certificate.begin());
  const auto day = static_cast<crypto::local_day>(in_.now / 86400 + below(3));
  std::ranges::copy(crypto::sign_inbox_key({crypto::sha256(shown.certificate), day, pair.public_key}, from.sign),
                    out.key.begin());
  return out;
}

std::optional<bytes> forger::forge_in_place_of(const bytes& message) {
  auto said = wire::decode_server(message);
  if (!said) return std::nullopt;
  if (auto* it = std::get_if<wire::offer>(&*said)) {
    it->body = make_offer(it->conversation);
  } else if (auto* hello = std::get_if<wire::hello>(&*said)) {
    const auto other = make_hello(hello->conversation);
    if (!other) return std::nullopt;
    hello->body = *other;
  } else if (auto* talk = std::get_if<wire::talk>(&*said)) {
    const auto with = posing_.find(talk->conversation);
    if (with == posing_.end()) return std::nullopt;
    const auto sealed = with->second.seal(crypto::body_type::cover, {}, false, in_.now, random_);
    if (!sealed) return std::nullopt;
    talk->body = *sealed;
  } else if (auto* consent = std::get_if<wire::consent>(&*said)) {
    consent->body = make_consent(consent->conversation);
  } else if (auto* reader = std::get_if<wire::letter_reader>(&*said)) {
    *reader = make_reader();
  } else if (auto* colleague = std::get_if<wire::colleague>(&*said)) {
    std::ranges::copy(anybody().certificate, colleague->certificate.begin());
  } else if (auto* invited = std::get_if<wire::invited>(&*said)) {
    std::ranges::copy(anybody().certificate, invited->certificate.begin());
  } else if (auto* welcome = std::get_if<wire::welcome>(&*said)) {
    const crypto::hash32 names[] = {
        crypto::sha256(other_centre_.centre_object), crypto::sha256(other_centre_.issuer_object),
        crypto::sha256(other_centre_.roster_object), crypto::sha256(fork_->roster_object)};
    if (one_in(3))
      welcome->roster = names[3];
    else
      (one_in(2) ? welcome->centre : one_in(2) ? welcome->issuer : welcome->roster) = names[below(4)];
  } else if (auto* part = std::get_if<wire::reply_part>(&*said)) {
    const crypto::answer_keys to{random_.make_secret<32>(), crypto::make_kem_key(random_).public_key};
    const auto sealed = crypto::seal_reply(part->letter, to, {1, "hotaru 0", {}}, random_);
    part->body = crypto::split_pieces(*sealed)[std::min<std::size_t>(part->number - 1, 2)];
  } else {
    return std::nullopt;
  }
  return wire::encode(*said);
}

wire::server_message forger::invent_one(bool for_staff) {
  const conversation_id id = any_conversation();
  const wire::frame_number number = one_in(2) ? below(30) : below(3000);
  switch (below(for_staff ? 15 : 12)) {
    case 0: {
      wire::offer out{id, number, {}};
      out.body = make_offer(id);
      return out;
    }
    case 1: {
      wire::hello out{id, number, {}};
      if (const auto made = make_hello(id)) out.body = *made;
      return out;
    }
    case 2: {
      wire::talk out{id, number, {}};
      random_.fill(out.body);
      return out;
    }
    case 3:
      return wire::resumed{id, static_cast<wire::stage>(below(4)), number};
    case 4:
      return wire::stored{id, number};
    case 5:
      return wire::peer_state{id, static_cast<wire::presence>(below(3))};
    case 6:
      return wire::nonce_wanted{id};
    case 7:
      return wire::left{id};
    case 8:
      return wire::refused{id, static_cast<wire::refusal>(1 + below(4))};
    case 9:
      return wire::place{id, static_cast<std::uint32_t>(below(5))};
    case 10:
      return wire::renewed{in_.signed_by.trust().centre_hash, in_.signed_by.trust().issuer_hash,
                           crypto::sha256(one_in(2) ? fork_->roster_object : other_centre_.roster_object)};
    case 11:
      return wire::failed{one_in(3) ? wire::error::taken_over : wire::error::too_fast, 0};
    case 12:
      return wire::assigned{id, nonces_.contains(id) && one_in(2) ? nonces_[id] : random_.make_block<32>(),
                            static_cast<wire::calling>(below(4)), 0};
    case 13: {
      wire::invited out{
          id, {}, one_in(2) ? wire::invitation_kind::join : wire::invitation_kind::take_over, invitations_[id].first};
      std::ranges::copy(one_in(2) ? anybody().certificate : in_.staff[0].certificate, out.certificate.begin());
      return out;
    }
    default: {
      wire::consent out{id, {}};
      out.body = make_consent(id);
      return out;
    }
  }
}

std::vector<bytes> forger::invent(bool for_staff) {
  std::vector<bytes> out;
  for (std::size_t count = 1 + below(3); count > 0; --count)
    if (one_in(2))
      out.push_back(wire::encode(invent_one(for_staff)));
    else if (auto old = replay())
      out.push_back(std::move(*old));
  return out;
}

bytes forger::give(const crypto::hash32& hash) {
  for (const signed_centre* each : {&in_.signed_by, &other_centre_, &*fork_})
    if (bytes found = each->object(hash); !found.empty()) return found;
  return {};
}

}  // namespace tomoshibi::core
