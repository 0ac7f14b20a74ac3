// The conversation behind tests/vectors/t1.txt: first contact, both turns with loss, reordering and repetition, a
// resume, and what must be refused. write_t1_vectors.cpp plays it into the file, t1_vectors_test.cpp against it.
//
// A book has: random(name), the random bytes of one step; same(name, bytes), what a step made; refused(name, frame,
// expected, actual), a frame that must not be taken and why.
#pragma once

#include "crypto/failure.hpp"
#include "crypto/handshake.hpp"
#include "crypto/hash.hpp"
#include "tests/crypto/staffed_centre.hpp"

namespace tomoshibi::crypto {

inline bytes to_bytes(bytes_view in) { return {in.begin(), in.end()}; }

inline frame altered(frame in, std::size_t at) {
  in[at] ^= 0x01;
  return in;
}

// One side seals, and the vector has its random bytes, its content and the frame.
template <class Book>
frame play_seal(Book& book, const std::string& name, session& from, body_type type, std::string_view data,
                bool more = false) {
  book.same(name + ".type", {static_cast<byte>(type)});
  book.same(name + ".more", {static_cast<byte>(more)});
  if (!data.empty()) book.same(name + ".data", to_bytes(as_bytes(data)));
  const frame out = *from.seal(type, as_bytes(data), more, noon, book.random(name + ".random"));
  book.same(name, to_bytes(out));
  return out;
}

// Delivered to the other side: what it says of the frame. number8 | duplicate1 | stepped1
template <class Book>
void play_open(Book& book, const std::string& name, session& to, const frame& in) {
  const auto got = to.open(in, noon);
  book.same(name + ".opened", writer()
                                  .number(got->number)
                                  .number(static_cast<byte>(got->duplicate))
                                  .number(static_cast<byte>(got->stepped))
                                  .finish());
}

template <class Book>
void play_bad_offers(Book& book, const first_contact& contact, const frame& offer) {
  support::seeded_random unused(0);
  const auto judge = [&](const frame& shown, const conversation_id& conversation, const survivor_nonce& nonce,
                         const desk_id& desk, seconds now) {
    return answer_offer(shown, contact.believed, role::counselor, desk, nullptr, conversation, nonce, nullptr, now,
                        unused);
  };
  const auto refused = [&](const std::string& name, const frame& shown, failure expected) {
    book.refused("offer." + name, shown, expected,
                 judge(shown, contact.conversation, contact.nonce, contact.centre.desk, noon).error());
  };
  refused("version", altered(offer, 0), failure::malformed);
  refused("padding", altered(offer, frame_bytes - 1), failure::malformed);
  refused("certificate_signature", altered(offer, 2 + certificate_bytes - 1), failure::wrong_signature);
  refused("one_time_key", altered(offer, 2 + certificate_bytes + day_key_bytes + 200), failure::wrong_signature);
  conversation_id conversation = contact.conversation;
  conversation[0] ^= 1;
  book.fails("offer for another conversation", failure::wrong_binding,
             judge(offer, conversation, contact.nonce, contact.centre.desk, noon).error());
  book.fails("offer of another desk", failure::wrong_desk,
             judge(offer, contact.conversation, contact.nonce, contact.centre.other_desk, noon).error());
  book.fails("offer with an old day key", failure::expired,
             judge(offer, contact.conversation, contact.nonce, contact.centre.desk, noon + 24 * hour).error());
}

template <class Book>
void play_bad_hellos(Book& book, pending_offer& offer, const frame& hello) {
  const auto refused = [&](const std::string& name, const frame& shown, failure expected) {
    book.refused("hello." + name, shown, expected, offer.answer(shown, knows_none, noon).error());
  };
  refused("kind", altered(hello, 1), failure::malformed);
  refused("padding", altered(hello, frame_bytes - 1), failure::malformed);
  refused("conversation", altered(hello, 2), failure::wrong_binding);
  refused("unknown_psk", altered(hello, 18), failure::wrong_binding);
  refused("nonce", altered(hello, 34 + 4 * 32), failure::wrong_binding);
}

template <class Book>
psk play_conversation(Book& book, session& survivor, session& counselor) {
  const auto bad = [&](const std::string& name, session& to, const frame& in) {
    book.refused("frame." + name, in, failure::cannot_open, to.open(in, noon).error());
  };
  const frame s1 = play_seal(book, "survivor.1", survivor, body_type::text, "first, it comes second");
  const frame s2 = play_seal(book, "survivor.2", survivor, body_type::text, "the rest", true);
  bad("header_nonce", counselor, altered(s2, 1));
  bad("header_tag", counselor, altered(s2, 25 + 2363));
  bad("body", counselor, altered(s2, 25 + 2364));
  frame spliced = s1;
  std::copy(s2.end() - 1707, s2.end(), spliced.end() - 1707);
  bad("another_body", counselor, spliced);
  play_open(book, "survivor.2", counselor, s2);
  play_open(book, "survivor.1", counselor, s1);
  play_open(book, "survivor.1.again", counselor, s1);

  const frame c1 = play_seal(book, "counselor.1", counselor, body_type::text, "こんばんは");
  book.same("counselor.1.rs", to_bytes(counselor.resume_secret()->view()));
  const frame c2 = play_seal(book, "counselor.2", counselor, body_type::cover, "");
  bad("own_direction", counselor, c1);
  play_open(book, "counselor.2", survivor, c2);
  play_open(book, "counselor.1", survivor, c1);

  const frame s3 = play_seal(book, "survivor.3", survivor, body_type::delivered, "");
  play_open(book, "survivor.3", counselor, s3);
  const frame c3 = play_seal(book, "counselor.3", counselor, body_type::handover_offer, "to whom");
  play_open(book, "counselor.3", survivor, c3);
  book.same("counselor.3.rs", to_bytes(survivor.resume_secret()->view()));
  book.same("counselor.3.token", to_bytes(make_resume_token(*survivor.resume_secret()).view()));
  return *survivor.resume_secret();
}

template <class Book>
void play_resume(Book& book, first_contact& contact, const psk& kept) {
  pending_offer offer = pending_offer::make(contact.who, contact.day, contact.believed.roster_hash,
                                            contact.conversation, contact.nonce, book.random("resume.offer.random"));
  book.same("resume.offer", to_bytes(offer.offer()));
  auto met = answer_offer(offer.offer(), contact.believed, role::counselor, contact.centre.desk, nullptr,
                          contact.conversation, contact.nonce, &kept, noon, book.random("resume.hello.random"));
  book.same("resume.hello", to_bytes(met->hello));
  book.refused("hello.resume_of_nobody", met->hello, failure::wrong_binding,
               offer.answer(met->hello, knows_none, noon).error());
  auto taken = offer.answer(
      met->hello, [&](const psk_id&) { return std::optional(kept); }, noon);
  book.same("resume.th", to_bytes(taken->talk.id()));
  const frame back = play_seal(book, "resume.survivor.1", met->talk, body_type::text, "back");
  play_open(book, "resume.survivor.1", taken->talk, back);
}

template <class Book>
void play_t1(Book& book) {
  first_contact contact(20);
  book.same("now", writer().number(noon).finish());
  book.same("issuer.public", to_bytes(contact.believed.issued_by.key));
  book.same("roster_hash", to_bytes(contact.believed.roster_hash));
  book.same("desk", to_bytes(contact.centre.desk));
  book.same("certificate", contact.who.certificate);
  book.same("certificate.seed", to_bytes(contact.who.sign.view()));
  book.same("day.secret", to_bytes(contact.day.key.view()));
  book.same("day", contact.day.signed_key);
  book.same("conversation", to_bytes(contact.conversation));
  book.same("nonce", to_bytes(contact.nonce));

  pending_offer offer = pending_offer::make(contact.who, contact.day, contact.believed.roster_hash,
                                            contact.conversation, contact.nonce, book.random("offer.random"));
  book.same("offer", to_bytes(offer.offer()));
  play_bad_offers(book, contact, offer.offer());
  auto met = answer_offer(offer.offer(), contact.believed, role::counselor, contact.centre.desk, nullptr,
                          contact.conversation, contact.nonce, nullptr, noon, book.random("hello.random"));
  book.same("hello", to_bytes(met->hello));
  play_bad_hellos(book, offer, met->hello);
  auto taken = offer.answer(met->hello, knows_none, noon);
  book.same("th", to_bytes(taken->talk.id()));
  book.same("th", to_bytes(met->talk.id()));
  book.refused("hello.again", met->hello, failure::cannot_open, offer.answer(met->hello, knows_none, noon).error());

  play_resume(book, contact, play_conversation(book, met->talk, taken->talk));
}

}  // namespace tomoshibi::crypto
