// OFFER, HELLO, frames and invitations into a live session. The fuzzer holds every key: it is the network between two
// honest people, then a peer who is not honest, then a counselor and a survivor who make their first frame as they
// like.
#include "crypto/aead.hpp"
#include "crypto/handshake.hpp"
#include "tests/crypto/invited_talk.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

using namespace crypto;

// --- two honest people, and the network between them ---

class network {
 public:
  explicit network(script& from) : from_(from) {}

  void run() {
    for (int steps = 0; steps < 200 && !from_.over(); ++steps) {
      const side who = from_.roll(2) == 0 ? side::survivor : side::counselor;
      switch (from_.roll(4)) {
        case 0:
        case 1:
          seal(who);
          break;
        case 2:
          deliver(who);
          break;
        case 3:
          now_ += from_.number<byte>() * seconds{from_.roll(4) == 0 ? 600u : 1u};
          between_.of(who).tick(now_);
          break;
      }
    }
  }

 private:
  struct sealed_frame {
    frame sealed;
    body_type type;
    bool more;
    bytes data;
    bool opened = false;
  };

  void seal(side by) {
    static constexpr body_type types[] = {body_type::cover,  body_type::text,   body_type::delivered,
                                          body_type::sheet,  body_type::urgent, body_type::sequenced,
                                          body_type::company};
    const body_type type = types[from_.roll(std::size(types))];
    const bool more = from_.roll(8) == 0;
    const bytes data(from_.number<std::uint16_t>() % (body_data_bytes_max + 2), static_cast<byte>(sent_[by].size()));
    const auto out = between_.of(by).seal(type, data, more, now_, between_.contact.centre.random);
    if (out) sent_[by].push_back({*out, type, more, data});
    if (out) must(may_send(by, type) && data.size() <= body_data_bytes_max, "only what may be said is sealed");
  }

  // One of the frames of `by`, once more or altered.
  void deliver(side by) {
    auto& sent = sent_[by];
    if (sent.empty()) return;
    const std::size_t number = from_.number<byte>() % sent.size();
    sealed_frame& which = sent[number];
    frame in = which.sealed;
    const bool altered = from_.alter(in);
    session& to = between_.of(by == side::survivor ? side::counselor : side::survivor);
    const bool was_broken = to.broken();
    const auto opened = to.open(in, now_);
    if (!opened || opened->duplicate) return;
    must(!altered && !was_broken, "an altered frame does not open");
    must(!std::exchange(which.opened, true), "a frame opens once");
    must(opened->number == number && opened->type == which.type && opened->more == which.more &&
             std::ranges::equal(opened->data, which.data),
         "what opens is what was sealed");
  }

  script& from_;
  two_sides between_;
  seconds now_ = noon;
  std::map<side, std::vector<sealed_frame>> sent_;
};

// --- a peer who is not honest: seals any body and any header with the right keys ---

class dishonest_peer {
 public:
  explicit dishonest_peer(script& from) : from_(from) {}

  void run() {
    for (int steps = 0; steps < 60 && !from_.over(); ++steps) {
      switch (from_.roll(4)) {
        case 0:
          hear(*peer_.seal(any_body(), random_), false);
          break;
        case 1:
          hear(any_header(), true);
          break;
        case 2:
          hear(*peer_.seal(cover(), random_), false);
          break;
        case 3:
          answer();
          break;
      }
    }
  }

 private:
  static constexpr std::size_t header_nonce_bytes = 24;

  static root_keys keys() { return {secret<32>{}, secret<32>(header_key()), secret<32>(block<32>{2})}; }
  static block<32> header_key() { return {1}; }
  static bytes cover() { return writer().number(byte{0}).pad_to(body_bytes).finish(); }

  bytes any_body() {
    writer out;
    out.number(from_.number<byte>()).number(from_.number<std::uint16_t>());
    return out.put(from_.take(from_.number<byte>())).pad_to(body_bytes).finish();
  }

  // rsv4 | n4 | pn4 | pk1216 | ct1120 under the header key of the first turn; the body is nothing.
  frame any_header() {
    writer header;
    header.number(std::uint32_t{from_.roll(4) == 0 ? 1u : 0u});
    header.number(from_.number<std::uint32_t>() >> from_.roll(32))
        .number(from_.number<std::uint32_t>() >> from_.roll(32));
    kem_public_key key = once_.public_key;
    from_.alter(key);
    header.put(key).put(random_.make_block<1120>());
    const auto nonce = random_.make_block<header_nonce_bytes>();
    const bytes sealed = crypto::seal(secret<32>(header_key()), nonce, header.finish(), associated());
    frame out{};
    out[0] = 1;
    std::ranges::copy(nonce, out.begin() + 1);
    std::ranges::copy(sealed, out.begin() + 1 + header_nonce_bytes);
    return out;
  }
  static bytes associated() { return writer().put(conversation_id{}).put(hash32{}).number(byte{1}).finish(); }

  void hear(const frame& in, bool junk) {
    const bool was_broken = victim_.broken();
    const auto opened = victim_.open(in, noon);
    if (!opened) return;
    must(!was_broken, "a broken session opens nothing");
    must(!junk || opened->duplicate, "a header without its body does not open");
    if (opened->duplicate) return;
    must(may_send(side::survivor, opened->type) && opened->data.size() <= body_data_bytes_max,
         "only what may be said is heard");
    must(victim_.heard(), "who was heard may be answered");
    if (opened->stepped) must(victim_.seal_steps(), "a turn of the peer is answered with one of ours");
  }

  void answer() {
    const auto out = victim_.seal(body_type::cover, {}, false, noon, random_);
    if (!out) return must(!victim_.heard() || victim_.broken(), "who was heard can be answered");
    ratchet next = peer_;
    must(next.open(*out, noon).has_value(), "what an honest side seals opens");
    if (from_.roll(2) == 0) peer_ = std::move(next);
  }

  script& from_;
  support::seeded_random random_{1};
  kem_key_pair once_ = make_kem_key(random_);
  ratchet peer_ = ratchet::of_survivor(keys(), once_.public_key, {}, {});
  session victim_ = handshake::begin(
      side::counselor, ratchet::of_counselor(keys(), kem_secret_key(once_.secret_key), {}, {}), {}, {}, noon);
};

// --- first contact ---

// Someone who is certified, and who signs what they like: is it ever taken for what it is not?
void feed_offer(script& from) {
  first_contact contact;
  const identity& who = contact.who;
  const auto resigned = [&](bytes object, std::string_view tag) {
    const std::span<byte> payload = std::span(object).first(object.size() - 64);
    from.alter(payload);
    std::ranges::copy(sign(who.sign, tag, payload), object.end() - 64);
    return object;
  };
  frame offer = contact.make_offer().offer();
  const std::span<byte> certificate = std::span(offer).subspan(2, certificate_bytes);
  const bytes_view day_sent = bytes_view(offer).subspan(2 + certificate_bytes, day_key_bytes);
  const bytes_view once_sent = bytes_view(offer).subspan(2 + certificate_bytes + day_key_bytes, one_time_key_bytes);
  const bytes day = resigned({day_sent.begin(), day_sent.end()}, "t1/day");
  bytes once(once_sent.begin(), once_sent.end());
  std::ranges::copy(sha256(day), once.begin() + 32 + 16 + 32 + 32);  // its day_hash
  once = resigned(once, "t1/otk");
  std::ranges::copy(day, offer.begin() + 2 + certificate_bytes);
  std::ranges::copy(once, offer.begin() + 2 + certificate_bytes + day_key_bytes);
  if (from.roll(4) == 0) from.alter(offer);
  const auto met = contact.answer(offer, nullptr, noon + from.number<std::uint32_t>() % (3 * day_key_life_max));
  if (!met) return;
  const auto bound = open_one_time_key(once, sign_public(who.sign));
  must(sha256(certificate) == sha256(who.certificate) && met->counselor_hash == sha256(who.certificate),
       "only who is listed answers");
  must(bound && bound->conversation == contact.conversation && bound->nonce == contact.nonce &&
           bound->day_hash == sha256(day),
       "an offer is for one survivor's nonce");
}

void feed_hello(script& from) {
  first_contact contact;
  pending_offer offered = contact.make_offer();
  auto met = contact.answer(offered.offer());
  frame hello = met->hello;
  const bool altered = from.alter(hello);
  auto taken = offered.answer(hello, knows_none, noon);
  if (!altered) must(taken.has_value(), "an honest hello is taken");
  if (!taken) return;
  must((taken->talk.id() == met->talk.id()) == !altered, "a hello that was altered is of no session");
  const auto first = *met->talk.seal(body_type::cover, {}, false, noon, contact.centre.random);
  must(taken->talk.open(first, noon).has_value() == !altered, "two who do not agree hear nothing of each other");
  must(!offered.answer(met->hello, knows_none, noon).has_value(), "an offer is answered once");
}

// --- invitations ---

// A colleague who agrees, a counselor who may introduce with another sheet, and the network between the two.
void feed_invitation(script& from) {
  invited_talk in(from.roll(2) == 0 ? invitation_kind::take_over : invitation_kind::join);
  pending_consent agreed_to = in.make_consent();
  frame consent = agreed_to.consent();
  const bool other_consent = from.alter(consent);
  const auto consented = in.check(consent);
  must(consented.has_value() == !other_consent, "an altered consent is none");
  if (!consented) return;
  invitation said = in.agreed;
  const bool other_sheet = from.alter(said.sheet);
  introduction pieces = *introduce(said, *consented, in.a().agree, in.random());
  const bool other_pieces = from.alter(pieces[from.roll(3)]);
  const auto got = agreed_to.open(pieces);
  must(got.has_value() == !other_pieces, "an altered introduction does not open");
  if (!got) return;
  must(std::ranges::equal(got->sheet, said.sheet), "who was introduced is known by this sheet");
  must((got->with == in.survivors_psk()) == !other_sheet, "the survivor comes with the sheet that it saw");
  must(!agreed_to.open(pieces).has_value(), "an introduction opens once");
}

// Texts in company, on their way to one of the two counselors.
void feed_company(script& from) {
  constexpr hash32 own{1}, other{2}, stranger{3};
  transcript order({});
  transcript_witness witness({}, own, other);
  while (!from.over() && !witness.broken()) {
    const hash32 sender = std::array{own, other, survivor_sender, stranger}[from.roll(4)];
    const auto text = from.fill_block<20>();
    if (sender == own) witness.said(text);
    secret_bytes data = encode_sequenced(order.append(sender, text));
    const bool altered = from.alter(data);
    const auto seen = witness.follow(data);
    must(seen.has_value() == (!altered && sender != stranger), "what is shown is what was said");
    must(seen.has_value() == !witness.broken(), "a mismatch is for good");
  }
}

constexpr byte network_mode = 0, dishonest_mode = 1, offer_mode = 2, hello_mode = 3, invitation_mode = 4,
               company_mode = 5, modes = 6;

}  // namespace

// mode1 | the script of that mode
void feed(bytes_view in) {
  script from(in);
  switch (from.roll(modes)) {
    case network_mode:
      return network(from).run();
    case dishonest_mode:
      return dishonest_peer(from).run();
    case offer_mode:
      return feed_offer(from);
    case hello_mode:
      return feed_hello(from);
    case invitation_mode:
      return feed_invitation(from);
    case company_mode:
      return feed_company(from);
  }
}

std::vector<bytes> seeds() {
  // In the network's words: who, what; for a seal: type, more, length2; for a delivery: which, edits.
  const bytes survivor_says = {0, 0, 1, 1, 0, 9}, survivor_heard = {0, 2, 0, 0};
  const bytes counselor_says = {1, 0, 1, 1, 0, 9}, counselor_heard = {1, 2, 0, 0};
  writer talk;
  talk.number(network_mode).put(survivor_says).put(survivor_heard).put(counselor_says).put(counselor_heard);
  talk.put(survivor_says).put(survivor_says).put(bytes{0, 2, 2, 0}).put(bytes{0, 2, 1, 0}).put(bytes{1, 3, 9, 0});
  writer peer;
  peer.number(dishonest_mode).put(bytes{2, 3, 0, 2, 0, 1, 0, 4, 4, 'h', 'e', 'y', '!', 3, 0});
  peer.put(bytes{1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}).put(bytes{2, 3, 1, 2});
  writer company;
  company.number(company_mode);
  for (byte sender = 0; sender < 3; ++sender) company.number(sender).put(block<20>{sender}).number(byte{0});
  company.put(bytes{3});
  return {talk.finish(),
          peer.finish(),
          {offer_mode, 0, 0, 1},
          {offer_mode, 1, 0, 40, 1, 1, 0, 20, 1},
          {hello_mode, 0},
          {hello_mode, 1, 1, 0, 1},
          {invitation_mode, 0, 0, 0, 0, 0},
          {invitation_mode, 1, 0, 1, 0, 3, 1, 0},
          {invitation_mode, 1, 0, 0, 1, 1, 4, 4, 1},
          company.finish()};
}

}  // namespace tomoshibi::fuzz
