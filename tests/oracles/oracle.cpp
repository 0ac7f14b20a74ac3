// What crypto/ answers, asked line by line: `operation word word ...` on standard input, `ok word ...` or `refused
// WHY` on standard output. A word is hexadecimal, - for no bytes; numbers are decimal. ours.mjs asks.
//
// Usage: oracle SEED    the seed of all randomness that is not asked with a word of its own
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "crypto/key_file.hpp"
#include "crypto/session.hpp"
#include "crypto/vault.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/scripted_random.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

class question {
 public:
  explicit question(const std::string& line) : words_(line) {}

  std::string word() {
    std::string out;
    words_ >> out;
    return out;
  }
  std::uint64_t number() { return std::stoull(word()); }
  bytes hex() {
    const std::string in = word();
    return in == "-" ? bytes{} : support::from_hex(in);
  }
  std::string text() { return as_text(hex()); }
  template <std::size_t N>
  block<N> fixed() {
    const bytes in = hex();
    if (in.size() != N) throw std::invalid_argument("a word has another length");
    return reader(in).take<N>();
  }
  template <std::size_t N>
  secret<N> hidden() {
    return secret<N>(fixed<N>());
  }
  template <std::size_t N>
  std::optional<secret<N>> hidden_if_any() {
    const bytes in = hex();
    return in.empty() ? std::nullopt : std::optional(secret<N>(reader(in).take<N>()));
  }

 private:
  std::istringstream words_;
};

class reply {
 public:
  reply() : text_("ok") {}
  explicit reply(failure why) : text_("refused " + std::string(name(why))) {}
  reply& hex(bytes_view in) {
    text_ += " " + (in.empty() ? "-" : to_hex(in));
    return *this;
  }
  reply& hex(std::string_view in) { return hex(as_bytes(in)); }
  reply& number(std::uint64_t in) {
    text_ += " " + std::to_string(in);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

reply tell(const result<bytes>& made) { return made ? reply().hex(*made) : reply(made.error()); }
reply tell(const result<secret_bytes>& made) { return made ? reply().hex(*made) : reply(made.error()); }
reply tell(const result<secret<32>>& made) { return made ? reply().hex(made->view()) : reply(made.error()); }
reply tell(const result<frame>& made) { return made ? reply().hex(*made) : reply(made.error()); }

using operations = std::map<std::string, std::function<reply(question&)>, std::less<>>;

void add_primitives(operations& known) {
  known["sha256"] = [](question& in) { return reply().hex(sha256(in.hex())); };
  known["blake2b"] = [](question& in) {
    const bytes text = in.hex();
    return reply().hex(blake2b(text, in.hex()));
  };
  known["hmac"] = [](question& in) {
    const auto key = in.hidden<32>();
    return reply().hex(hmac(key, in.hex()).view());
  };
  known["hkdf"] = [](question& in) {
    const bytes salt = in.hex(), input = in.hex(), info = in.hex();
    bytes out(in.number());
    hkdf_expand(hkdf_extract(salt, {input}), info, out);
    return reply().hex(out);
  };
  known["argon2id"] = [](question& in) {
    const bytes password = in.hex();
    const auto salt = in.fixed<16>();
    const auto passes = static_cast<std::uint32_t>(in.number());
    return tell(stretch(password, salt, {passes, in.number()}));
  };
  known["seal"] = [](question& in) {
    const auto key = in.hidden<32>();
    const auto nonce = in.fixed<24>();
    const bytes plain = in.hex();
    return reply().hex(seal(key, nonce, plain, in.hex()));
  };
  known["open"] = [](question& in) {
    const auto key = in.hidden<32>();
    const auto nonce = in.fixed<24>();
    const bytes sealed = in.hex();
    return tell(open(key, nonce, sealed, in.hex()));
  };
  known["x25519_public"] = [](question& in) { return reply().hex(agree_public(in.hidden<32>())); };
  known["sign_public"] = [](question& in) { return reply().hex(sign_public(in.hidden<32>())); };
  known["sign"] = [](question& in) {
    const auto seed = in.hidden<32>();
    const std::string tag = in.text();
    return reply().hex(sign(seed, tag, in.hex()));
  };
  known["verify"] = [](question& in) {
    const auto key = in.fixed<32>();
    const std::string tag = in.text();
    const bytes message = in.hex();
    return verify(key, tag, message, in.fixed<64>()) ? reply() : reply(failure::wrong_signature);
  };
  known["xwing_public"] = [](question& in) {
    support::scripted_random seed(in.hex());
    return reply().hex(make_kem_key(seed).public_key);
  };
  known["xwing_encapsulate"] = [](question& in) {
    const auto to = in.fixed<1216>();
    support::scripted_random seed(in.hex());
    const auto made = encapsulate(to, seed);
    return made ? reply().hex(made->ciphertext).hex(made->shared.view()) : reply(made.error());
  };
  known["xwing_decapsulate"] = [](question& in) {
    const auto ciphertext = in.fixed<1120>();
    return tell(decapsulate(ciphertext, in.hidden<32>()));
  };
}

// Objects: `sign_WHAT seed field ...` gives the object, `open_WHAT object key` the fields in the same order.
void add_signed_by_the_root(operations& known) {
  known["sign_centre"] = [](question& in) {
    const auto seed = in.hidden<32>();
    centre_file file{in.fixed<16>(), in.fixed<32>(), in.number(), in.number(), in.number(), in.number(), 0, {}, {}};
    file.clock_shift_hours = static_cast<std::uint32_t>(in.number());
    file.page = in.text();
    for (auto count = in.number(); count > 0; --count) {
      const std::string name = in.text();
      file.desks.push_back({name, in.number() == 1});
    }
    return reply().hex(sign_centre_file(file, seed));
  };
  known["open_centre"] = [](question& in) {
    const bytes object = in.hex();
    const auto file = open_centre_file(object, in.fixed<32>());
    if (!file) return reply(file.error());
    reply out;
    out.hex(file->centre).hex(file->root).number(file->flags).number(file->issued).number(file->issuer_epoch_least);
    out.number(file->roster_epoch_least).number(file->clock_shift_hours).hex(file->page).number(file->desks.size());
    for (const auto& desk : file->desks) out.hex(desk.name).number(desk.reachable);
    return out;
  };
  known["sign_issuer"] = [](question& in) {
    const auto seed = in.hidden<32>();
    return reply().hex(sign_issuer({in.number(), in.number(), in.number(), in.fixed<32>()}, seed));
  };
  known["open_issuer"] = [](question& in) {
    const bytes object = in.hex();
    const auto made = open_issuer(object, in.fixed<32>());
    if (!made) return reply(made.error());
    return reply().number(made->epoch).number(made->not_before).number(made->not_after).hex(made->key);
  };
}

void add_signed_by_the_issuer(operations& known) {
  known["sign_certificate"] = [](question& in) {
    const auto seed = in.hidden<32>();
    return reply().hex(sign_certificate({static_cast<role>(in.number()), in.fixed<16>(), in.number(), in.number(),
                                         in.number(), in.fixed<32>(), in.fixed<32>(), in.text()},
                                        seed));
  };
  known["open_certificate"] = [](question& in) {
    const bytes object = in.hex();
    const auto made = open_certificate(object, in.fixed<32>());
    if (!made) return reply(made.error());
    reply out;
    out.number(static_cast<byte>(made->holder)).hex(made->desk).number(made->serial).number(made->not_before);
    return out.number(made->not_after).hex(made->sign_key).hex(made->agree_key).hex(made->alias);
  };
  known["sign_roster"] = [](question& in) {
    const auto seed = in.hidden<32>();
    roster fields{in.fixed<16>(), in.fixed<32>(), in.number(), in.fixed<32>(), in.number(), in.number(), {}};
    for (auto count = in.number(); count > 0; --count) {
      const auto hash = in.fixed<32>();
      fields.entries.push_back({hash, in.number()});
    }
    return reply().hex(sign_roster(fields, seed));
  };
  known["open_roster"] = [](question& in) {
    const bytes object = in.hex();
    const auto made = open_roster(object, in.fixed<32>());
    if (!made) return reply(made.error());
    reply out;
    out.hex(made->centre).hex(made->issuer_hash).number(made->epoch).hex(made->previous);
    out.number(made->issued).number(made->expires).number(made->entries.size());
    for (const auto& entry : made->entries) out.hex(entry.certificate).number(entry.flags);
    return out;
  };
}

void add_signed_by_a_member(operations& known) {
  known["sign_day"] = [](question& in) {
    const auto seed = in.hidden<32>();
    return reply().hex(sign_day_key({in.fixed<32>(), in.number(), in.number(), in.fixed<1216>()}, seed));
  };
  known["open_day"] = [](question& in) {
    const bytes object = in.hex();
    const auto made = open_day_key(object, in.fixed<32>());
    if (!made) return reply(made.error());
    return reply().hex(made->certificate_hash).number(made->not_before).number(made->not_after).hex(made->key);
  };
  known["sign_once"] = [](question& in) {
    const auto seed = in.hidden<32>();
    return reply().hex(sign_one_time_key(
        {in.fixed<32>(), in.fixed<16>(), in.fixed<32>(), in.fixed<32>(), in.fixed<32>(), in.fixed<1216>()}, seed));
  };
  known["open_once"] = [](question& in) {
    const bytes object = in.hex();
    const auto made = open_one_time_key(object, in.fixed<32>());
    if (!made) return reply(made.error());
    reply out;
    out.hex(made->certificate_hash).hex(made->conversation).hex(made->nonce).hex(made->roster_hash);
    return out.hex(made->day_hash).hex(made->key);
  };
  known["sign_login"] = [](question& in) {
    const auto seed = in.hidden<32>();
    return reply().hex(sign_login({in.text(), in.fixed<32>(), in.fixed<32>(), in.number()}, seed));
  };
  known["sign_ticket"] = [](question& in) {
    const auto seed = in.hidden<32>();
    const bytes certificate = in.hex();
    const auto conversation = in.fixed<16>();
    const auto nonce = in.fixed<32>();
    return reply().hex(sign_ticket(certificate, conversation, nonce, in.number(), seed));
  };
}

void add_what_a_member_keeps(operations& known, random_source& random) {
  known["desk_id"] = [](question& in) {
    const auto centre = in.fixed<16>();
    return reply().hex(make_desk_id(centre, in.text()));
  };
  known["seal_vault"] = [&](question& in) {
    const seeds kept{in.hidden<32>(), in.hidden<32>()};
    const std::string passphrase = in.text();
    const auto device = in.hidden<32>(), prf = in.hidden<32>();
    const auto passes = static_cast<std::uint32_t>(in.number());
    return tell(seal_vault(kept, passphrase, device, prf, random, {passes, in.number()}));
  };
  known["open_vault"] = [](question& in) {
    const bytes vault = in.hex();
    const std::string passphrase = in.text();
    const auto device = in.hidden<32>();
    const auto kept = open_vault(vault, passphrase, device, in.hidden<32>());
    return kept ? reply().hex(kept->sign.view()).hex(kept->agree.view()) : reply(kept.error());
  };
  known["open_key_file"] = [](question& in) {
    const bytes file = in.hex();
    const std::string passphrase = in.text();
    const auto who = open_key_file(file, passphrase, in.hidden<32>());
    return who ? reply().hex(who->certificate).hex(who->sign.view()).hex(who->agree.view()) : reply(who.error());
  };
  known["seal_kept"] = [&](question& in) {
    const auto sign = in.hidden<32>(), agree = in.hidden<32>();
    return reply().hex(seal_kept(make_kept_key(sign, agree), in.hex(), random));
  };
  known["open_kept"] = [](question& in) {
    const auto sign = in.hidden<32>(), agree = in.hidden<32>();
    return tell(open_kept(make_kept_key(sign, agree), in.hex()));
  };
}

// One conversation, of which this side is ours.
struct conversation {
  std::optional<trust> believed;
  std::optional<pending_offer> offer;
  std::optional<session> talk;
};

void add_first_contact(operations& known, conversation& my, random_source& random) {
  known["believe"] = [&](question& in) {
    const bytes centre = in.hex(), issued = in.hex(), listed = in.hex();
    const auto root = in.fixed<32>();
    auto made = verify_trust(centre, issued, listed, root, in.number());
    if (!made) return reply(made.error());
    my.believed = std::move(*made);
    return reply().hex(my.believed->roster_hash);
  };
  known["answer_offer"] = [&](question& in) {
    const auto shown = in.fixed<frame_bytes>();
    const auto asked = static_cast<role>(in.number());
    const auto desk = in.fixed<16>(), id = in.fixed<16>();
    const auto nonce = in.fixed<32>();
    const auto resume = in.hidden_if_any<32>();
    auto met = answer_offer(shown, my.believed.value(), asked, desk, nullptr, id, nonce, resume ? &*resume : nullptr,
                            in.number(), random);
    if (!met) return reply(met.error());
    my.talk = std::move(met->talk);
    return reply().hex(met->hello).hex(my.talk->id());
  };
  known["make_day"] = [&](question& in) {
    identity who{in.hex(), in.hidden<32>(), {}};
    const day_secret day = make_day_key(who, in.number(), random);
    return reply().hex(day.signed_key).hex(day.key.view());
  };
  known["make_offer"] = [&](question& in) {
    identity who{in.hex(), in.hidden<32>(), {}};
    day_secret day{in.hex(), in.hidden<32>()};
    const auto roster_hash = in.fixed<32>();
    const auto id = in.fixed<16>();
    my.offer = pending_offer::make(who, day, roster_hash, id, in.fixed<32>(), random);
    return reply().hex(my.offer->offer());
  };
  known["answer_hello"] = [&](question& in) {
    const auto hello = in.fixed<frame_bytes>();
    const auto resume = in.hidden_if_any<32>();
    const auto find = [&](const psk_id& id) { return resume && make_psk_id(*resume) == id ? resume : std::nullopt; };
    auto taken = my.offer.value().answer(hello, find, in.number());
    if (!taken) return reply(taken.error());
    my.talk = std::move(taken->talk);
    return reply().hex(taken->with).hex(my.talk->id());
  };
}

void add_frames(operations& known, conversation& my, random_source& random) {
  known["say"] = [&](question& in) {
    const auto type = static_cast<body_type>(in.number());
    const bytes data = in.hex();
    const bool more = in.number() == 1;
    return tell(my.talk.value().seal(type, data, more, in.number(), random));
  };
  known["hear"] = [&](question& in) {
    const auto frame = in.fixed<frame_bytes>();
    const auto heard = my.talk.value().open(frame, in.number());
    if (!heard) return reply(heard.error());
    reply out;
    out.number(heard->number).number(heard->duplicate).number(heard->stepped);
    return out.number(static_cast<byte>(heard->type)).number(heard->more).hex(heard->data);
  };
  known["resume_secrets"] = [&](question&) {
    const psk none;
    const psk* now = my.talk.value().resume_secret();
    const psk* before = my.talk->resume_secret_before();
    return reply()
        .hex((now ? *now : none).view())
        .hex((before ? *before : none).view())
        .hex(make_resume_token(now ? *now : none).view());
  };
}

int answer_all(std::uint64_t seed) {
  support::seeded_random random(seed);
  conversation one;
  operations known;
  add_primitives(known);
  add_signed_by_the_root(known);
  add_signed_by_the_issuer(known);
  add_signed_by_a_member(known);
  add_what_a_member_keeps(known, random);
  add_first_contact(known, one, random);
  add_frames(known, one, random);
  for (std::string line; std::getline(std::cin, line);) {
    question in(line);
    const auto found = known.find(in.word());
    if (found == known.end()) return 2;
    std::cout << found->second(in).text() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace tomoshibi::crypto

int main(int count, char** words) { return count == 2 ? tomoshibi::crypto::answer_all(std::stoull(words[1])) : 2; }
