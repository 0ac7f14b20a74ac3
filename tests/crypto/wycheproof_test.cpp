// Project Wycheproof (github.com/C2SP/wycheproof): what other implementations once got wrong. Through the room's own
// functions where they can say it; what they use inside only (X25519, Ed25519 without a tag, ML-KEM-768), through
// libsodium's. deploy/install --tests fetches the files, none of which is in this repository.
#include <gtest/gtest.h>
#include <sodium.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "crypto/kem.hpp"
#include "crypto/sign.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/read_text.hpp"
#include "tests/support/scripted_random.hpp"

namespace tomoshibi::crypto {
namespace {

using nlohmann::json;

// `wrong`: taken, with another result than the vector's.
enum class outcome { right, wrong, refused };

bytes field(const json& of, const char* name) { return support::from_hex(of.at(name).get<std::string>()); }

// None: of another length. The room's types have one length each, so nothing else can reach its functions.
template <std::size_t N>
std::optional<block<N>> sized(bytes_view in) {
  return in.size() == N ? std::optional(reader(in).take<N>()) : std::nullopt;
}

outcome compare(bytes_view made, bytes_view expected) {
  return std::ranges::equal(made, expected) ? outcome::right : outcome::wrong;
}

void judge(const std::string& expected, outcome made) {
  if (expected == "valid")
    EXPECT_EQ(made, outcome::right);
  else if (expected == "invalid")
    EXPECT_EQ(made, outcome::refused);
  else if (expected == "acceptable")
    EXPECT_NE(made, outcome::wrong);
  else
    ADD_FAILURE() << "unknown result " << expected;
}

// Calls `check(group, case)` for every case of build/wycheproof/NAME_test.json; how many cases it answered. Without
// an answer, a case is not meant for it.
template <class Check>
std::size_t run(const std::string& name, Check check) {
  const std::string path = "build/wycheproof/" + name + "_test.json";
  const std::string text = support::read_text(TOMOSHIBI_SOURCE_DIR "/" + path);
  if (text.empty()) {
    ADD_FAILURE() << path << " is missing: deploy/install --tests fetches it.";
    return 0;
  }
  std::size_t answered = 0;
  const json file = json::parse(text);
  for (const json& group : file.at("testGroups")) {
    for (const json& one : group.at("tests")) {
      SCOPED_TRACE(path + ", case " + one.at("tcId").dump() + " " + one.value("comment", ""));
      const std::optional<outcome> made = check(group, one);
      if (!made) continue;
      judge(one.at("result"), *made);
      ++answered;
    }
  }
  return answered;
}

// X-Wing's combiner (draft-connolly-cfrg-xwing-kem, 5.3).
hash32 combine(bytes_view ml_kem_shared, bytes_view x25519_shared, bytes_view x25519_ciphertext,
               bytes_view x25519_public) {
  const bytes in = writer()
                       .put(ml_kem_shared)
                       .put(x25519_shared)
                       .put(x25519_ciphertext)
                       .put(x25519_public)
                       .put("\\.//^\\")
                       .finish();
  hash32 out;
  crypto_hash_sha3256(out.data(), in.data(), in.size());
  return out;
}

kem_public_key join_public(bytes_view ml_kem, bytes_view x25519) {
  return reader(writer().put(ml_kem).put(x25519).finish()).take<1216>();
}

struct ml_kem_pair {
  block<crypto_kem_mlkem768_PUBLICKEYBYTES> open{};
  block<crypto_kem_mlkem768_SECRETKEYBYTES> closed{};
};

ml_kem_pair make_ml_kem(const block<crypto_kem_mlkem768_SEEDBYTES>& seed) {
  ml_kem_pair out;
  EXPECT_EQ(crypto_kem_mlkem768_seed_keypair(out.open.data(), out.closed.data(), seed.data()), 0);
  return out;
}

TEST(wycheproof, aead) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    const auto nonce = sized<24>(field(one, "iv"));
    if (!nonce) return outcome::refused;
    const secret<32> key(sized<32>(field(one, "key")).value());
    const bytes plain = field(one, "msg"), associated = field(one, "aad");
    const bytes sealed = writer().put(field(one, "ct")).put(field(one, "tag")).finish();
    const auto opened = open(key, *nonce, sealed, associated);
    if (!opened) return outcome::refused;
    return *opened == secret_bytes(plain.begin(), plain.end()) ? compare(seal(key, *nonce, plain, associated), sealed)
                                                               : outcome::wrong;
  };
  EXPECT_GE(run("xchacha20_poly1305", check), 315u);
}

TEST(wycheproof, hkdf) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    const secret<32> key = hkdf_extract(field(one, "salt"), {field(one, "ikm")});
    const bytes info = field(one, "info");
    bytes out(one.at("size").get<std::size_t>());
    if (out.size() > 8160) {
      EXPECT_DEATH(hkdf_expand(key, info, out), "");
      return outcome::refused;
    }
    hkdf_expand(key, info, out);
    return compare(out, field(one, "okm"));
  };
  EXPECT_GE(run("hkdf_sha256", check), 86u);
}

// Whoever compares a tag that does not fit refuses it.
outcome compare_tag(bytes_view made, bytes_view tag) {
  return equal(made.first(tag.size()), tag) ? outcome::right : outcome::refused;
}

// HKDF-Extract is HMAC with the salt as its key, of any length.
TEST(wycheproof, hmac_as_extraction) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    return compare_tag(hkdf_extract(field(one, "key"), {field(one, "msg")}).view(), field(one, "tag"));
  };
  EXPECT_GE(run("hmac_sha256", check), 174u);
}

TEST(wycheproof, hmac) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    const auto key = sized<32>(field(one, "key"));
    if (!key) return std::nullopt;
    return compare_tag(hmac(secret<32>(*key), field(one, "msg")).view(), field(one, "tag"));
  };
  EXPECT_GE(run("hmac_sha256", check), 162u);
}

TEST(wycheproof, ed25519_underneath) {
  const auto check = [](const json& group, const json& one) -> std::optional<outcome> {
    const auto key = sized<32>(field(group.at("publicKey"), "pk"));
    const auto made = sized<64>(field(one, "sig"));
    const bytes message = field(one, "msg");
    if (!key || !made) return outcome::refused;
    return crypto_sign_ed25519_verify_detached(made->data(), message.data(), message.size(), key->data()) == 0
               ? outcome::right
               : outcome::refused;
  };
  EXPECT_GE(run("ed25519", check), 150u);
}

// Those whose message reads as a tag and what follows.
TEST(wycheproof, ed25519_with_a_tag) {
  const auto check = [](const json& group, const json& one) -> std::optional<outcome> {
    const bytes message = field(one, "msg");
    if (message.empty() || message[0] >= message.size()) return std::nullopt;
    const auto key = sized<32>(field(group.at("publicKey"), "pk"));
    const auto made = sized<64>(field(one, "sig"));
    if (!key || !made) return outcome::refused;
    const std::string tag = as_text(bytes_view(message).subspan(1, message[0]));
    return verify(*key, tag, bytes_view(message).subspan(1u + message[0]), *made) ? outcome::right : outcome::refused;
  };
  EXPECT_GE(run("ed25519", check), 14u);
}

TEST(wycheproof, x25519_underneath) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    const auto to = sized<32>(field(one, "public")), with = sized<32>(field(one, "private"));
    block<32> shared{};
    if (crypto_scalarmult_curve25519(shared.data(), with->data(), to->data()) != 0) return outcome::refused;
    return compare(shared, field(one, "shared"));
  };
  EXPECT_GE(run("x25519", check), 518u);
}

// The private key is the ephemeral one of an encapsulation. A secret of zeros is refused, all else is taken.
TEST(wycheproof, x25519_in_xwing) {
  const ml_kem_pair ml_kem = make_ml_kem({});
  block<32> ml_kem_seed{}, ml_kem_shared{};
  block<crypto_kem_mlkem768_CIPHERTEXTBYTES> ml_kem_ciphertext{};
  ASSERT_EQ(crypto_kem_mlkem768_enc_deterministic(ml_kem_ciphertext.data(), ml_kem_shared.data(), ml_kem.open.data(),
                                                  ml_kem_seed.data()),
            0);
  const auto check = [&](const json&, const json& one) -> std::optional<outcome> {
    const bytes to = field(one, "public"), with = field(one, "private"), shared = field(one, "shared");
    support::scripted_random random(writer().put(ml_kem_seed).put(with).finish());
    const auto made = encapsulate(join_public(ml_kem.open, to), random);
    EXPECT_EQ(!made, shared == bytes(32)) << "only a secret of zeros is refused";
    if (!made) return outcome::refused;
    const agree_public_key ephemeral = agree_public(agree_seed(reader(with).take<32>()));
    EXPECT_EQ(compare(bytes_view(made->ciphertext).last(32), ephemeral), outcome::right);
    return compare(made->shared.view(), combine(ml_kem_shared, shared, ephemeral, to));
  };
  EXPECT_GE(run("x25519", check), 518u);
}

TEST(wycheproof, ml_kem_encapsulates_in_xwing) {
  const agree_seed x25519(block<32>{1}), ephemeral(block<32>{2});
  const agree_public_key to = agree_public(x25519), x25519_ciphertext = agree_public(ephemeral);
  block<32> x25519_shared{};
  ASSERT_EQ(crypto_scalarmult_curve25519(x25519_shared.data(), ephemeral.view().data(), to.data()), 0);
  const auto check = [&](const json&, const json& one) -> std::optional<outcome> {
    const auto key = sized<1184>(field(one, "ek"));
    if (!key) return outcome::refused;
    support::scripted_random random(writer().put(field(one, "m")).put(ephemeral.view()).finish());
    const auto made = encapsulate(join_public(*key, to), random);
    if (!made) return outcome::refused;
    if (compare(bytes_view(made->ciphertext).first(1088), field(one, "c")) != outcome::right) return outcome::wrong;
    return compare(made->shared.view(), combine(field(one, "K"), x25519_shared, x25519_ciphertext, to));
  };
  EXPECT_GE(run("mlkem_768_encaps", check), 265u);
}

TEST(wycheproof, ml_kem_makes_keys_underneath) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    const auto seed = sized<64>(field(one, "seed"));
    if (!seed) return outcome::refused;
    const ml_kem_pair made = make_ml_kem(*seed);
    const bool same = compare(made.open, field(one, "ek")) == outcome::right &&
                      compare(made.closed, field(one, "dk")) == outcome::right;
    return same ? outcome::right : outcome::wrong;
  };
  EXPECT_GE(run("mlkem_768_keygen_seed", check), 100u);
}

std::optional<block<32>> ml_kem_open(bytes_view ciphertext, bytes_view key) {
  const auto from = sized<crypto_kem_mlkem768_CIPHERTEXTBYTES>(ciphertext);
  const auto with = sized<crypto_kem_mlkem768_SECRETKEYBYTES>(key);
  block<32> shared{};
  if (!from || !with || crypto_kem_mlkem768_dec(shared.data(), from->data(), with->data()) != 0) return std::nullopt;
  return shared;
}

// From seeds, as X-Wing does: with implicit rejection (FIPS 203, 6.3).
TEST(wycheproof, ml_kem_decapsulates_underneath) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    const auto seed = sized<64>(field(one, "seed"));
    if (!seed) return outcome::refused;
    const ml_kem_pair key = make_ml_kem(*seed);
    if (compare(key.open, field(one, "ek")) != outcome::right) return outcome::wrong;
    const auto shared = ml_kem_open(field(one, "c"), key.closed);
    return shared ? compare(*shared, field(one, "K")) : outcome::refused;
  };
  EXPECT_GE(run("mlkem_768", check), 193u);
}

// Private keys in their long form, which the room never takes from anybody: a private key of X-Wing is a seed. So it
// does not matter that libsodium takes one whose hash is wrong (FIPS 203, 7.3).
TEST(wycheproof, ml_kem_decapsulates_with_long_keys_underneath) {
  const auto check = [](const json&, const json& one) -> std::optional<outcome> {
    if (one.at("flags") == json{"InvalidDecapsulationKey"}) return std::nullopt;
    const auto shared = ml_kem_open(field(one, "c"), field(one, "dk"));
    return shared ? compare(*shared, field(one, "K")) : outcome::refused;
  };
  EXPECT_GE(run("mlkem_768_semi_expanded_decaps", check), 7u);
}

}  // namespace
}  // namespace tomoshibi::crypto
