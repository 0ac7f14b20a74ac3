// A browser's part by hand: one request on a connection of its own, and the whole answer.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "tests/server/live_centre.hpp"

namespace tomoshibi::support {

using line = std::unique_ptr<BIO, void (*)(BIO*)>;

// Until the other side ends it.
inline std::string ask_over(BIO* over, const std::string& request) {
  EXPECT_EQ(BIO_write(over, request.data(), static_cast<int>(request.size())), static_cast<int>(request.size()));
  std::string out;
  char some[4096];
  for (int got; (got = BIO_read(over, some, sizeof some)) > 0;) out.append(some, static_cast<std::size_t>(got));
  return out;
}

// Over TLS, to a centre that shows the certificate in its folder. `more`: header lines.
inline std::string ask(const live_centre& centre, std::string_view method, std::string_view path,
                       std::string_view more = "") {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> trusting(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_load_verify_file(trusting.get(), centre.of.tls_certificate().c_str());
  SSL_CTX_set_verify(trusting.get(), SSL_VERIFY_PEER, nullptr);
  const line over(BIO_new_ssl_connect(trusting.get()), BIO_free_all);
  BIO_set_conn_hostname(over.get(), fmt::format("127.0.0.1:{}", centre.where.port).c_str());
  return ask_over(over.get(), fmt::format("{} {} HTTP/1.1\r\nHost: localhost:{}\r\n{}Connection: close\r\n\r\n",
                                          method, path, centre.where.port, more));
}

// Over plain HTTP.
inline std::string ask_plainly(std::uint16_t port, const std::string& request) {
  const line over(BIO_new_connect(fmt::format("127.0.0.1:{}", port).c_str()), BIO_free_all);
  return ask_over(over.get(), request);
}

// In PEM; empty if nobody answers.
inline std::string certificate_shown(const live_centre& centre) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> curious(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const line over(BIO_new_ssl_connect(curious.get()), BIO_free_all);
  BIO_set_conn_hostname(over.get(), fmt::format("127.0.0.1:{}", centre.where.port).c_str());
  SSL* session = nullptr;
  if (BIO_do_handshake(over.get()) != 1 || BIO_get_ssl(over.get(), &session) != 1) return {};
  const std::unique_ptr<X509, void (*)(X509*)> shown(SSL_get1_peer_certificate(session), X509_free);
  const line out(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(out.get(), shown.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// Until it holds, at most thirty seconds.
inline bool comes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace tomoshibi::support
