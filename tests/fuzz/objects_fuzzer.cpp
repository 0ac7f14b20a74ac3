// The signed objects of T1 and the files of staff. The fuzzer holds every key, so that its bytes get behind the
// signature or the seal: what opens then is exactly what `sign_*` or `encode_*` would have written.
#include "client-web/core/conversation.hpp"
#include "crypto/aead.hpp"
#include "crypto/invitation.hpp"
#include "crypto/key_file.hpp"
#include "tests/crypto/sample_centre.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

using namespace crypto;

const sample_centre& sample() {
  static const sample_centre one;
  return one;
}

bytes signed_payload(bytes_view payload, std::string_view tag, const sign_seed& by) {
  return writer().put(payload).put(sign(by, tag, payload)).finish();
}

template <class Open, class Sign>
void feed_signed(bytes_view payload, std::string_view tag, const sign_seed& by, Open open, Sign sign_again) {
  must(!open(payload).has_value(), "nobody signs without the key");
  const bytes object = signed_payload(payload, tag, by);
  const auto fields = open(object);
  if (fields) return must(sign_again(*fields, by) == object, "an object has one form");
  must(fields.error() == failure::malformed || fields.error() == failure::out_of_bounds,
       "what is signed is refused for what it says");
}

void feed_centre_file(bytes_view in) {
  bytes payload(in.begin(), in.end());
  const sample_centre& of = sample();
  constexpr std::size_t root_at = 1 + 16;
  if (payload.size() >= root_at + of.centre.root.size())  // else it is another centre's
    std::ranges::copy(of.centre.root, payload.begin() + root_at);
  feed_signed(
      payload, "t1/centre", of.root_seed,
      [&](bytes_view object) { return open_centre_file(object, of.fingerprint()); }, sign_centre_file);
}

// A roster by the right issuer: believed only as a successor of the one seen.
void feed_next_roster(bytes_view payload) {
  const sample_centre& of = sample();
  static const trust seen = *of.believed();
  const bytes object = signed_payload(payload, "t1/roster", of.issuer_seed);
  const auto next =
      verify_trust(of.centre_object, of.issuer_object, object, of.fingerprint(), sample_centre::now, &seen);
  if (!next) return;
  const bool same = next->roster_hash == seen.roster_hash;
  const bool successor = next->listed.epoch == seen.listed.epoch + 1 && next->listed.previous == seen.roster_hash;
  must(same || successor || next->listed.epoch > seen.listed.epoch + 1, "no roster is forked or rolled back");
  must(next->listed.centre == of.centre.centre && next->listed.issuer_hash == seen.issuer_hash,
       "a roster is its centre's and its issuer's");
  const auto holder = next->check(of.holder_object, sample_centre::now);
  const roster::entry* listed = next->listed.find(sha256(of.holder_object));
  must(holder.has_value() == (listed && !(listed->flags & roster::flag_disabled)), "who is listed may serve");
}

void feed_ticket(bytes_view in) {
  const auto opened = open_ticket(in);
  must(opened.has_value() == (in.size() == ticket_bytes), "a ticket has one length");
  if (!opened) return;
  must(!verify_ticket(*opened, {}, {}, sample().holder.sign_key), "nobody makes a ticket without the key");
  must(std::ranges::equal(writer().put(opened->certificate).number(opened->time).put(opened->made).finish(), in),
       "a ticket has one form");
}

void feed_key_file(bytes_view in) {
  const auto opened = decode_key_file(in);
  if (opened) must(std::ranges::equal(encode_key_file(*opened), in), "a key file has one form");
}

// A vault that cost little to make, altered on its way. `in`: seeds and what is altered.
void feed_vault(bytes_view in) {
  script from(in);
  support::seeded_random random(from.number<byte>());
  const secret<32> device = random.make_secret<32>();
  const crypto::seeds kept{random.make_secret<32>(), random.make_secret<32>()};
  bytes vault = *seal_vault(kept, "kana kana", device, {}, random, {1, 8 << 10});
  const bool altered = from.alter(vault);
  if (from.roll(8) == 0) vault.resize(from.number<byte>());
  reader cost(bytes_view(vault).subspan(std::min<std::size_t>(1, vault.size())));
  const auto passes = cost.number<std::uint32_t>();
  const auto memory_bytes = cost.number<std::uint64_t>();
  const bool cheap = passes <= 3 && memory_bytes <= 1 << 20;
  const bool beyond = passes > 2 * vault_cost.passes || memory_bytes > 2 * vault_cost.memory_bytes;
  if (!cheap && !beyond) return;  // costs what it says
  const auto opened = open_vault(vault, "kana kana", device, {});
  must(opened.has_value() == (!altered && vault.size() == vault_bytes), "an altered vault does not open");
  if (opened) must(opened->sign == kept.sign && opened->agree == kept.agree, "a vault gives back what was put in");
  if (vault.size() == vault_bytes && vault[0] == 1 && beyond)
    must(opened.error() == failure::out_of_bounds, "a vault cannot ask for more than the maximum");
}

// What a console kept, sealed with the right key.
void feed_kept(bytes_view in) {
  static const secret<32> key = make_kept_key(sample().holder_seed, sample().holder_agree_seed);
  must(!open_kept(key, in).has_value(), "nobody seals without the key");
  support::seeded_random random(1);
  const auto opened = open_kept(key, seal_kept(key, in, random));
  must(opened && std::ranges::equal(*opened, in), "what was sealed opens");
  const auto state = core::decode_kept(*opened);
  if (state) must(std::ranges::equal(core::encode_kept(*state), in), "what is kept has one form");
}

// What is said about invitations within a session.
void feed_said(bytes_view in) {
  for (const body_type type : {body_type::handover_offer, body_type::invitation, body_type::sheet}) {
    const auto asked = decode_invitation(type, in, {}, {});
    must(asked.has_value() == (in.size() == invitation_bytes && type != body_type::sheet),
         "an invitation has one length");
    if (asked) must(std::ranges::equal(encode_invitation(*asked), in), "an invitation has one form");
  }
  const auto answered = decode_answer(in);
  must(answered.has_value() == (in.size() == 32 || in.size() == 64), "an answer is no or yes");
  if (answered) must(std::ranges::equal(encode_answer(*answered), in), "an answer has one form");
  if (const auto joined = decode_company(in))
    must(std::ranges::equal(encode_company(*joined), in), "company has one form");
  const auto placed = decode_sequenced(in);
  must(placed.has_value() == (in.size() >= sequenced_bytes_beside), "a place has one length");
  if (placed) must(std::ranges::equal(encode_sequenced(*placed), in), "a place has one form");
  must(!transcript_witness({}, {1}, {2}).follow(in).has_value(), "nobody finds the next h by chance");
}

constexpr byte centre_kind = 0, issuer_kind = 1, certificate_kind = 2, roster_kind = 3, day_kind = 4, once_kind = 5,
               next_roster_kind = 6, ticket_kind = 7, key_file_kind = 8, vault_kind = 9, kept_kind = 10,
               inbox_kind = 11, hand_over_kind = 12, said_kind = 13, kinds = 14;

bytes without_signature(const bytes& object) { return {object.begin(), object.end() - 64}; }

}  // namespace

// kind1 | payload
void feed(bytes_view in) {
  script from(in);
  const unsigned kind = from.roll(kinds);
  const bytes_view payload = from.take(in.size());
  const sample_centre& of = sample();
  const auto under = [](auto open, const sign_public_key& key) {
    return [open, &key](bytes_view object) { return open(object, key); };
  };
  switch (kind) {
    case centre_kind:
      return feed_centre_file(payload);
    case issuer_kind:
      return feed_signed(payload, "t1/issuer", of.root_seed, under(open_issuer, of.centre.root), sign_issuer);
    case certificate_kind:
      return feed_signed(payload, "t1/cert", of.issuer_seed, under(open_certificate, of.issued_by.key),
                         sign_certificate);
    case roster_kind:
      return feed_signed(payload, "t1/roster", of.issuer_seed, under(open_roster, of.issued_by.key), sign_roster);
    case day_kind:
      return feed_signed(payload, "t1/day", of.holder_seed, under(open_day_key, of.holder.sign_key), sign_day_key);
    case once_kind:
      return feed_signed(payload, "t1/otk", of.holder_seed, under(open_one_time_key, of.holder.sign_key),
                         sign_one_time_key);
    case hand_over_kind:
      return feed_signed(payload, "t1/hok", of.holder_seed, under(open_hand_over_key, of.holder.sign_key),
                         sign_hand_over_key);
    case said_kind:
      return feed_said(payload);
    case next_roster_kind:
      return feed_next_roster(payload);
    case ticket_kind:
      return feed_ticket(payload);
    case key_file_kind:
      return feed_key_file(payload);
    case vault_kind:
      return feed_vault(payload);
    case kept_kind:
      return feed_kept(payload);
    case inbox_kind:
      return feed_signed(payload, "t1/inbox", of.holder_seed, under(open_inbox_key, of.holder.sign_key),
                         sign_inbox_key);
  }
}

std::vector<bytes> seeds() {
  std::vector<bytes> out;
  const auto add = [&](byte kind, bytes_view payload) { out.push_back(writer().number(kind).put(payload).finish()); };
  sample_centre of;
  add(centre_kind, without_signature(of.centre_object));
  add(issuer_kind, without_signature(of.issuer_object));
  add(certificate_kind, without_signature(of.holder_object));
  add(roster_kind, without_signature(of.roster_object));
  add(day_kind, without_signature(of.day_object));
  add(once_kind, without_signature(of.once_object));
  add(inbox_kind, without_signature(of.inbox_object));
  add(next_roster_kind, without_signature(of.roster_object));
  of.listed.previous = sha256(of.roster_object);
  ++of.listed.epoch;
  of.sign_roster_alone();
  add(next_roster_kind, without_signature(of.roster_object));
  add(ticket_kind, sign_ticket(of.holder_object, {}, {}, sample_centre::now, of.issuer_seed));
  add(key_file_kind, encode_key_file({of.holder_object, secret<32>{}, bytes(vault_bytes)}));
  add(vault_kind, block<8>{1, 0, 1});
  add(vault_kind, block<8>{1, 1, 0, 4, 1, 1});
  const core::kept_state kept{core::kept_kind::talk, conversation_id{1}, secret<32>(block<32>{2}), {}, hash32{3}};
  add(kept_kind, core::encode_kept(kept));
  add(hand_over_kind, without_signature(of.hand_over_object));
  add(said_kind, bytes(invitation_bytes, 1));
  add(said_kind, encode_company({of.holder_object, hash32{3}}));
  add(said_kind, encode_sequenced({1, hash32{2}, hash32{3}, crypto::secret_bytes(20)}));
  return out;
}

}  // namespace tomoshibi::fuzz
