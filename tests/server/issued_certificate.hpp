// A TLS certificate as an authority issues it: signed by another key than its own.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

namespace tomoshibi::support {

inline std::string make_issued_certificate(const std::vector<std::string>& names, std::int64_t not_before, int days) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> own(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> authority(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), not_before);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), not_before + std::int64_t{days} * 86400);
  X509_set_pubkey(made.get(), own.get());
  std::string every;
  for (const std::string& name : names) every += (every.empty() ? "DNS:" : ",DNS:") + name;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, every.c_str());
  X509_add_ext(made.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(made.get(), authority.get(), EVP_sha256());
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(out.get(), made.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace tomoshibi::support
