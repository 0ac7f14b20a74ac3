#include "tests/crypto/object_vectors.hpp"

#include "crypto/vault.hpp"
#include "tests/crypto/sample_centre.hpp"
#include "tests/crypto/vector_writer.hpp"

namespace tomoshibi::crypto {

namespace {

constexpr std::string_view object_preface =
    "# T1 objects, written by write_object_vectors from a seed; do not edit. A line is `name = hex`.\n"
    "# Everything needed to make them again is here: seeds first, then each object, then its hash. Ed25519 "
    "signatures\n"
    "# are deterministic. `refused.FAILURE.OBJECT.why` is signed by the right key and must be refused with "
    "FAILURE.\n";

void add_seeds(vector_writer& out, const sample_centre& in) {
  out.section("Seeds and their public keys");
  out.line("root.seed", in.root_seed.view());
  out.line("root.public", in.centre.root);
  out.line("root.fingerprint", in.fingerprint());
  out.line("issuer.seed", in.issuer_seed.view());
  out.line("issuer.public", in.issued_by.key);
  out.line("holder.sign_seed", in.holder_seed.view());
  out.line("holder.sign_public", in.holder.sign_key);
  out.line("holder.agree_seed", in.holder_agree_seed.view());
  out.line("holder.agree_public", in.holder.agree_key);
  out.line("day.kem_seed", in.day_pair.secret_key.view());
  out.line("once.kem_seed", in.once_pair.secret_key.view());
}

void add_objects(vector_writer& out, const sample_centre& in) {
  out.section("Objects");
  out.number("now", sample_centre::now);
  out.line("centre", in.centre.centre);
  out.line("desk.consultation", make_desk_id(in.centre.centre, "consultation"));
  out.line("desk.drill", make_desk_id(in.centre.centre, drill_desk_name));
  out.object("centre_file", in.centre_object);
  out.object("issuer", in.issuer_object);
  out.object("certificate", in.holder_object);
  out.object("roster", in.roster_object);
  out.object("day_key", in.day_object);
  out.line("conversation", in.once.conversation);
  out.line("nonce", in.once.nonce);
  out.object("one_time_key", in.once_object);
  out.object("inbox_key", in.inbox_object);
}

void add_login_and_ticket(vector_writer& out, const sample_centre& in) {
  out.section("Login and ticket; time is `now`");
  const login fields{"https://soudan.example", in.once.nonce, sha256(in.holder_object), sample_centre::now};
  out.line("login.origin", as_bytes(fields.origin));
  out.line("login.nonce", fields.nonce);
  out.line("login.signature", sign_login(fields, in.holder_seed));
  out.line("ticket",
           sign_ticket(in.holder_object, in.once.conversation, in.once.nonce, sample_centre::now, in.holder_seed));
}

void add_vault(vector_writer& out, sample_centre& in) {
  out.section("Vault of the holder's seeds, at 1 pass over 64 KiB; and the same without a prf");
  const std::string passphrase = make_passphrase(in.random);
  const auto device_secret = in.random.make_secret<32>();
  const auto prf = in.random.make_secret<32>();
  const seeds kept{in.holder_seed, in.holder_agree_seed};
  constexpr password_cost cost{1, 64 << 10};
  out.line("vault.passphrase", as_bytes(passphrase));
  out.line("vault.device_secret", device_secret.view());
  out.line("vault.prf", prf.view());
  out.line("vault", *seal_vault(kept, passphrase, device_secret, prf, in.random, cost));
  out.line("vault.without_prf", *seal_vault(kept, passphrase, device_secret, {}, in.random, cost));
}

void add_refused(vector_writer& out, const sample_centre& good) {
  out.section("Refused, though the right key signed them");
  certificate holder = good.holder;
  holder.not_after += 1;
  out.line("refused.out_of_bounds.certificate.over_90_days", sign_certificate(holder, good.issuer_seed));
  holder = good.holder;
  holder.holder = static_cast<role>(7);
  out.line("refused.malformed.certificate.unknown_role", sign_certificate(holder, good.issuer_seed));
  holder = good.holder;
  holder.alias = std::string("a\0b", 3);
  out.line("refused.malformed.certificate.alias_padding", sign_certificate(holder, good.issuer_seed));
  holder.alias = "\xc0\x80";
  out.line("refused.malformed.certificate.alias_not_utf8", sign_certificate(holder, good.issuer_seed));

  roster listed = good.listed;
  listed.expires += 1;
  out.line("refused.out_of_bounds.roster.over_35_days", sign_roster(listed, good.issuer_seed));
  listed = good.listed;
  std::swap(listed.entries[0], listed.entries[1]);
  out.line("refused.malformed.roster.unsorted", sign_roster(listed, good.issuer_seed));

  day_key day = good.day;
  day.not_after += 1;
  out.line("refused.out_of_bounds.day_key.over_24_hours", sign_day_key(day, good.holder_seed));

  centre_file centre = good.centre;
  centre.flags = 0;
  centre.clock_shift_hours = 1;
  out.line("refused.malformed.centre_file.shift_without_demo", sign_centre_file(centre, good.root_seed));
}

}  // namespace

std::string make_object_vectors() {
  sample_centre in;
  vector_writer out(object_preface);
  add_seeds(out, in);
  add_objects(out, in);
  add_login_and_ticket(out, in);
  add_vault(out, in);
  add_refused(out, in);
  return out.finish();
}

}  // namespace tomoshibi::crypto
