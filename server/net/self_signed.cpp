#include "server/net/self_signed.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <new>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace tomoshibi::net {
namespace {

template <auto free>
struct freed_by {
  template <class T>
  void operator()(T* it) const {
    free(it);
  }
};
using certificate = std::unique_ptr<X509, freed_by<X509_free>>;
using private_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using extension = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using octets = std::unique_ptr<ASN1_OCTET_STRING, freed_by<ASN1_OCTET_STRING_free>>;
using memory = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

bool is_address(const std::string& name) {
  const octets parsed(a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  return parsed != nullptr;
}

// The names go into OpenSSL's extension syntax, where a comma or a colon would mean something else.
bool is_host_name(const std::string& name) {
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

void require(bool ok, const char* step) {
  if (ok) return;
  ERR_clear_error();
  throw std::runtime_error(std::string("OpenSSL could not make the certificate (") + step + ")");
}

void add_extension(X509* to, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  const extension made(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(made != nullptr && X509_add_ext(to, made.get(), -1) == 1, OBJ_nid2sn(nid));
}

std::string alternative_names(const std::vector<std::string>& names) {
  if (names.empty()) throw std::runtime_error("A certificate needs at least one host name or IP address");
  std::string out;
  for (const std::string& name : names) {
    const bool address = is_address(name);
    if (!address && !is_host_name(name)) {
      throw std::runtime_error("\"" + name +
                               "\" is neither a host name nor an IP address: write it without https:// and port");
    }
    if (!out.empty()) out += ',';
    out.append(address ? "IP:" : "DNS:").append(name);
  }
  return out;
}

void set_serial(X509* of) {
  unsigned char random[16];
  require(RAND_bytes(random, sizeof random) == 1, "random serial number");
  random[0] = static_cast<unsigned char>((random[0] & 0x7f) | 0x40);  // positive, and always 16 bytes
  BIGNUM* const number = BN_bin2bn(random, sizeof random, nullptr);
  const bool ok = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(of)) != nullptr;
  BN_free(number);
  require(ok, "serial number");
}

std::string taken_out(BIO* from) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(from, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::expected<certificate, std::string> read_certificate(const std::string& file) {
  const memory in(BIO_new_file(file.c_str(), "r"));
  certificate read(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!in) return std::unexpected("The certificate " + file + " cannot be read: check the path and who may read it");
  if (!read) return std::unexpected("The certificate " + file + " is not a PEM certificate: give the right file");
  return read;
}

}  // namespace

certificate_pair make_self_signed(const std::vector<std::string>& names, std::int64_t not_before, int days) {
  const std::string subject_names = alternative_names(names);
  const private_key key(EVP_EC_gen("P-256"));
  const certificate made(X509_new());
  require(key && made, "key");
  X509* const x = made.get();
  require(X509_set_version(x, X509_VERSION_3) == 1, "version");
  set_serial(x);
  time_t start = static_cast<time_t>(not_before);
  require(X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &start) &&
              X509_time_adj_ex(X509_getm_notAfter(x), days, 0, &start),
          "dates");
  X509_NAME* const subject = X509_get_subject_name(x);
  // RFC 5280 limits a common name to 64 bytes; clients read the alternative names only.
  const std::string common = names.front().substr(0, 64);
  require(
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
                                 static_cast<int>(common.size()), -1, 0) == 1 &&
          X509_set_issuer_name(x, subject) == 1 && X509_set_pubkey(x, key.get()) == 1,
      "name and key");
  add_extension(x, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x, NID_key_usage, "critical,digitalSignature");
  add_extension(x, NID_ext_key_usage, "serverAuth");
  add_extension(x, NID_subject_key_identifier, "hash");
  add_extension(x, NID_subject_alt_name, subject_names);
  require(X509_sign(x, key.get(), EVP_sha256()) > 0, "signature");

  const memory certificate_out(BIO_new(BIO_s_mem())), key_out(BIO_new(BIO_s_secmem()));
  require(certificate_out && key_out && PEM_write_bio_X509(certificate_out.get(), x) == 1 &&
              PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM");
  return {taken_out(certificate_out.get()), taken_out(key_out.get())};
}

std::expected<std::int64_t, std::string> certificate_not_after(const std::string& file) {
  const auto read = read_certificate(file);
  if (!read) return std::unexpected(read.error());
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(read->get()), &end) != 1) {
    return std::unexpected("The certificate " + file + " carries no readable end date: make a new one");
  }
  return static_cast<std::int64_t>(timegm(&end));
}

std::expected<bool, std::string> certificate_is_self_signed(const std::string& file) {
  const auto read = read_certificate(file);
  if (!read) return std::unexpected(read.error());
  return X509_verify(read->get(), X509_get0_pubkey(read->get())) == 1;
}

std::expected<bool, std::string> certificate_covers(const std::string& file, const std::vector<std::string>& names) {
  const auto read = read_certificate(file);
  if (!read) return std::unexpected(read.error());
  return std::ranges::all_of(names, [&](const std::string& name) {
    return is_address(name) ? X509_check_ip_asc(read->get(), name.c_str(), 0) == 1
                            : X509_check_host(read->get(), name.data(), name.size(), 0, nullptr) == 1;
  });
}

}  // namespace tomoshibi::net
