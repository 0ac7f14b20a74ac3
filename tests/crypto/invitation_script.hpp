// What is behind tests/vectors/invitation.txt: an invitation of each kind from what A says to what B knows, what must
// be refused on the way, and the order of what is said in company. write_invitation_vectors.cpp plays it into the
// file, invitation_vectors_test.cpp against it. What a book has: t1_script.hpp.
#pragma once

#include "tests/crypto/invited_talk.hpp"
#include "tests/crypto/t1_script.hpp"

namespace tomoshibi::crypto {

inline bytes joined(const introduction& pieces) {
  writer out;
  for (const frame& piece : pieces) out.put(piece);
  return out.finish();
}

template <class Book>
void play_consent(Book& book, const std::string& name, invited_talk& in, const frame& consent) {
  book.same(name + ".consent", to_bytes(consent));
  const auto refused = [&](const std::string& what, const frame& shown, failure expected) {
    book.refused(name + ".consent." + what, shown, expected, in.check(shown).error());
  };
  refused("kind", altered(consent, 1), failure::malformed);
  refused("padding", altered(consent, frame_bytes - 1), failure::malformed);
  refused("certificate", altered(consent, 2 + certificate_bytes - 1), failure::wrong_signature);
  refused("session", altered(consent, 2 + certificate_bytes + day_key_bytes + 64), failure::wrong_signature);
}

template <class Book>
void play_introduction(Book& book, const std::string& name, pending_consent& consent, const introduction& made) {
  book.same(name + ".introduction", joined(made));
  const auto refused = [&](const std::string& what, const introduction& shown, failure expected) {
    book.fails(name + ".introduction." + what, expected, consent.open(shown).error());
  };
  refused("version", altered(made, 0), failure::malformed);
  refused("accept", altered(made, 2), failure::cannot_open);
  refused("sealed", altered(made, introduction_bytes - 1), failure::cannot_open);
  refused("padding", altered(made, introduction_bytes), failure::malformed);
  introduction other_kind = made;
  other_kind[0][1] ^= 3;
  refused("kind", other_kind, failure::wrong_binding);
  const auto got = consent.open(made);
  book.same(name + ".sheet", to_bytes(got->sheet));
  book.same(name + ".accept", to_bytes(got->accept));
  book.same(name + ".psk", to_bytes(got->with.view()));
  refused("again", made, failure::cannot_open);
}

template <class Book>
void play_invitation(Book& book, const std::string& name, invitation_kind kind) {
  invited_talk in(kind, 30);
  book.same("now", writer().number(noon).finish());
  book.same("issuer.public", to_bytes(in.contact.believed.issued_by.key));
  book.same("a.certificate", in.a().certificate);
  book.same("a.agree_seed", to_bytes(in.a().agree.view()));
  book.same("b.certificate", in.b.certificate);
  book.same("b.seed", to_bytes(in.b.sign.view()));
  book.same("b.agree_seed", to_bytes(in.b.agree.view()));
  book.same("b.day.secret", to_bytes(in.day_b.key.view()));
  book.same("b.day", in.day_b.signed_key);
  book.same("th", to_bytes(in.th()));

  in.agreed = *make_invitation(kind, in.hash_a, in.th(), in.b.certificate, invited_talk::sheet(),
                               book.random(name + ".invitation.random"));
  book.same(name + ".invitation", to_bytes(encode_invitation(in.agreed)));
  const hash32 question = make_question(encode_invitation(in.agreed));
  book.same(name + ".no", encode_answer({question, {}}));
  book.same(name + ".yes", encode_answer({question, make_accept(in.seen())}));
  book.same(name + ".sheet", to_bytes(in.agreed.sheet));
  book.same(name + ".accept", to_bytes(make_accept(in.seen())));
  pending_consent consent = pending_consent::make(in.b, in.day_b, kind, in.certificate_a(), in.hash_a, in.th(),
                                                  book.random(name + ".consent.random"));
  play_consent(book, name, in, consent.consent());
  play_introduction(
      book, name, consent,
      *introduce(in.agreed, *in.check(consent.consent()), in.a().agree, book.random(name + ".introduction.random")));
}

template <class Book>
void play_company(Book& book) {
  const invited_talk in(invitation_kind::join, 30);
  const hash32 begin = begin_transcript(in.th(), hash32{1});
  book.same("company", encode_company({in.b.certificate, begin}));
  transcript order(begin);
  transcript_witness witness(begin, in.hash_a, in.hash_b);
  const auto say = [&](const std::string& name, const hash32& sender, byte id, std::string_view text) {
    const bytes said = writer().number(id).pad_to(16).number(byte{1}).put(text).finish();
    if (sender == in.hash_a) witness.said(said);
    const secret_bytes place = encode_sequenced(order.append(sender, said));
    book.same(name, to_bytes(place));
    return place;
  };
  const secret_bytes first = say("sequenced.1", survivor_sender, 1, "ふたりに聞いてほしい");
  secret_bytes other = first;
  other.back() ^= 1;
  transcript_witness deceived(begin, in.hash_a, in.hash_b);
  book.refused("sequenced.altered", other, failure::forked, deceived.follow(other).error());
  book.same("sequenced.1.h", to_bytes(witness.follow(first)->h));
  book.same("sequenced.2.h", to_bytes(witness.follow(say("sequenced.2", in.hash_a, 2, "ここにいます"))->h));
  book.same("sequenced.3.h", to_bytes(witness.follow(say("sequenced.3", in.hash_b, 3, ""))->h));
}

template <class Book>
void play_invitations(Book& book) {
  play_invitation(book, "take_over", invitation_kind::take_over);
  play_invitation(book, "join", invitation_kind::join);
  play_company(book);
}

}  // namespace tomoshibi::crypto
