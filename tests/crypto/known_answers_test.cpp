// Every primitive against an answer that somebody else published. The sources are named at each test.
#include <gtest/gtest.h>

#include "crypto/aead.hpp"
#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "crypto/kem.hpp"
#include "crypto/password.hpp"
#include "crypto/sign.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/scripted_random.hpp"

namespace tomoshibi::crypto {
namespace {

using support::block_from_hex;
using support::from_hex;
using support::scripted_random;

// A key of up to 32 bytes; HMAC pads a short key with zeros (RFC 2104, section 2).
secret<32> short_key(std::string_view hex) {
  block<32> out{};
  const bytes in = from_hex(hex);
  std::copy(in.begin(), in.end(), out.begin());
  return secret<32>(out);
}

// RFC 4648, section 10.
TEST(base64, known_answers) {
  EXPECT_EQ(to_base64({}), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foo")), "Zm9v");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
}

// FIPS 180-4, the examples that NIST publishes with it.
TEST(sha256, answers_as_fips_180_4_says) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(bytes_view{})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(sha256, hashes_parts_as_if_they_were_one) {
  EXPECT_EQ(sha256({as_bytes("a"), bytes_view{}, as_bytes("bc")}), sha256(as_bytes("abc")));
}

// RFC 7693 prints the 64-byte form only; these are the reference code's answers for 32 bytes.
TEST(blake2b, answers_as_the_reference_code) {
  EXPECT_EQ(to_hex(blake2b(as_bytes("abc"))), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(to_hex(blake2b({})), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  bytes key(64);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<byte>(i);
  EXPECT_EQ(to_hex(blake2b(as_bytes("abc"), key)),
            "dff38c978666dff5631db35ca15535520d134f5c8060ea569c6a178ad393719f");
}

TEST(hmac, answers_as_rfc_4231_says) {
  const std::string b20(40, 'b'), a20(40, 'a');
  std::string b0b;
  for (int i = 0; i < 20; ++i) b0b += "0b";
  EXPECT_EQ(to_hex(hmac(short_key(b0b), as_bytes("Hi There")).view()),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac(short_key("4a656665"), as_bytes("what do ya want for nothing?")).view()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac(short_key(a20), bytes(50, 0xdd)).view()),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(to_hex(hmac(short_key("0102030405060708090a0b0c0d0e0f10111213141516171819"), bytes(50, 0xcd)).view()),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

TEST(hkdf, answers_as_rfc_5869_says) {
  const auto expand = [](const secret<32>& prk, std::string_view info) {
    return to_hex(hkdf_expand<42>(prk, from_hex(info)).view());
  };
  const bytes input(22, 0x0b);

  const secret<32> first = hkdf_extract(from_hex("000102030405060708090a0b0c"), {input});
  EXPECT_EQ(to_hex(first.view()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(expand(first, "f0f1f2f3f4f5f6f7f8f9"),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

  bytes ramp(256);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<byte>(i);
  const auto slice = [&](std::size_t from) { return bytes_view(ramp).subspan(from, 80); };
  const secret<32> second = hkdf_extract(slice(0x60), {slice(0x00)});
  EXPECT_EQ(to_hex(second.view()), "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244");
  EXPECT_EQ(
      to_hex(hkdf_expand<82>(second, slice(0xb0)).view()),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
      "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");

  const secret<32> third = hkdf_extract({}, {input});
  EXPECT_EQ(to_hex(third.view()), "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  EXPECT_EQ(expand(third, ""),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(hkdf, extracts_from_parts_as_if_they_were_one) {
  EXPECT_EQ(hkdf_extract(as_bytes("salt"), {as_bytes("in"), bytes_view{}, as_bytes("put")}),
            hkdf_extract(as_bytes("salt"), {as_bytes("input")}));
}

// Section 7.1, TEST 1 to 3 and TEST SHA(abc). Their messages do not read as tagged ones: underneath_test.cpp.
TEST(ed25519, makes_the_public_keys_of_rfc_8032) {
  const auto public_of = [](std::string_view seed) {
    return to_hex(sign_public(sign_seed(block_from_hex<32>(seed))));
  };
  EXPECT_EQ(public_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(public_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(public_of("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(public_of("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
}

// Section 7.1, TEST 1024: its message begins with the byte 08, so it reads as a tag of eight bytes and what follows.
TEST(ed25519, signs_the_long_message_of_rfc_8032) {
  const auto vector = support::read_vectors(TOMOSHIBI_SOURCE_DIR "/tests/vectors/ed25519_rfc8032.txt");
  const bytes& message = vector.at("message");
  ASSERT_EQ(message.size(), 1023u);
  ASSERT_EQ(message[0], 8);
  const std::string tag = as_text(bytes_view(message).subspan(1, 8));
  const bytes_view rest = bytes_view(message).subspan(9);

  const sign_seed seed(reader(vector.at("seed")).take<32>());
  const sign_public_key key = sign_public(seed);
  EXPECT_EQ(to_hex(key), to_hex(vector.at("public")));
  const signature made = sign(seed, tag, rest);
  EXPECT_EQ(to_hex(made), to_hex(vector.at("signature")));
  EXPECT_TRUE(verify(key, tag, rest, made));
}

// Section 6.1.
TEST(x25519, makes_the_public_keys_of_rfc_7748) {
  const auto public_of = [](std::string_view seed) {
    return to_hex(agree_public(agree_seed(block_from_hex<32>(seed))));
  };
  EXPECT_EQ(public_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(public_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

// draft-irtf-cfrg-xchacha-03, A.3.1.
TEST(aead, answers_as_the_xchacha_draft_says) {
  const secret<32> key(block_from_hex<32>("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const aead_nonce nonce = block_from_hex<24>("404142434445464748494a4b4c4d4e4f5051525354555657");
  const bytes associated = from_hex("50515253c0c1c2c3c4c5c6c7");
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would "
      "be it.";
  const bytes sealed = seal(key, nonce, as_bytes(plain), associated);
  EXPECT_EQ(
      to_hex(sealed),
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54"
      "c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f6"
      "15c68b13b52ec0875924c1c7987947deafd8780acf49");
  const auto opened = open(key, nonce, sealed, associated);
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(*opened), plain);
}

// libsodium's own vectors (test/default/pwhash_argon2id.c): one lane, 32 bytes.
TEST(argon2id, answers_as_libsodium_does) {
  const auto first = stretch(as_bytes("^T5H$JYt39n%K*j:W]!1s?vg!:jGi]Ax?..l7[p0v:1jHTpla9;]bUN;?bWyCbtqg "),
                             block_from_hex<16>("3e412031362d62797465732073616c74"), {19, 4096 << 10});
  ASSERT_TRUE(first);
  EXPECT_EQ(to_hex(first->view()), "96d07fb9ed643ed04c0467eccac3293e2804ea188d10a67dbecf2f2cd5434060");
  const auto second = stretch({}, block_from_hex<16>("6c0f356abb225f2b1ddd66d34739843b"), {2, 4882 << 10});
  ASSERT_TRUE(second);
  EXPECT_EQ(to_hex(second->view()), "366f1004cfbb447d435e8f6bbe9e5cc0a10e38e7c3da0e89bb19578a1a0d7291");
}

TEST(argon2id, refuses_a_cost_below_its_least) {
  EXPECT_EQ(stretch({}, {}, {0, 1 << 20}).error(), failure::out_of_bounds);
  EXPECT_EQ(stretch({}, {}, {1, 8191}).error(), failure::out_of_bounds);
}

struct xwing_answer {
  std::string_view seed, encapsulation_seed, public_key_begins, ciphertext_begins, shared;
};

void expect_xwing(const xwing_answer& in) {
  scripted_random key_seed(from_hex(in.seed));
  const kem_key_pair key = make_kem_key(key_seed);
  EXPECT_TRUE(to_hex(key.public_key).starts_with(in.public_key_begins));
  scripted_random encapsulation_seed(from_hex(in.encapsulation_seed));
  const auto made = encapsulate(key.public_key, encapsulation_seed);
  ASSERT_TRUE(made);
  EXPECT_TRUE(to_hex(made->ciphertext).starts_with(in.ciphertext_begins));
  EXPECT_EQ(to_hex(made->shared.view()), in.shared);
  const auto found = decapsulate(made->ciphertext, key.secret_key);
  ASSERT_TRUE(found);
  EXPECT_EQ(to_hex(found->view()), in.shared);
}

// draft-connolly-cfrg-xwing-kem, Appendix C, all three. The draft prints 2,336 bytes of key and ciphertext for each:
// here are their first 16 bytes. The secret depends on every byte of the key and on the seeds.
TEST(xwing, answers_as_the_draft_says) {
  expect_xwing(
      {"7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
       "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d9749"
       "18835d25e6a435085b2",
       "e2236b35a8c24b39b10aa1323a96a919", "b83aa828d4d62b9a83ceffe1d3d3bb1e",
       "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384"});
  expect_xwing(
      {"badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea",
       "17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdefaee7eef47cb0fca9767be1fda69419dfb927e9df07348"
       "b196691abaeb580b32d",
       "0333285fa253661508c9fb444852caa4", "c93beb22326705699bbc3d1d0aa6339b",
       "f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150"});
  expect_xwing(
      {"ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9",
       "22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70"
       "c593ea3aeeb613a7f1b",
       "36244278824f77c621c660892c1c3886", "0d2e38cbf17a2e2e4e0c87a94ca1e770",
       "953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f"});
}

// The vectors that libsodium carries (test/default/kem_xwing.c).
TEST(xwing, answers_as_libsodium_does) {
  const auto repeated = [](std::string_view two_digits, std::size_t count) {
    std::string out;
    while (count-- > 0) out += two_digits;
    return out;
  };
  expect_xwing({repeated("00", 32), repeated("64", 64),
                "3d209f716752f6408e7f89bceef97ac388530045377927644ef046c0a7cae978",
                "d81018a94f8078e02105beaa814e003390befa4589bb614f7739",
                "e5ba94031ea6efd69c09c254f6d9783136ba6037e2d4c43bcccf19d6f3f4343a"});
  expect_xwing({repeated("01", 32), repeated("65", 64),
                "ec7b50cddc8360f98b189bac73d395ef947b37d8453886a253269f7b18b9eb78",
                "600ecf4026683898d0e339eeea9ebd437a4a802952bf32bfa326",
                "750300db25bff9620e893c2c6fcab9bf04d7f2e543b5b39420485626fa274908"});
}

}  // namespace
}  // namespace tomoshibi::crypto
