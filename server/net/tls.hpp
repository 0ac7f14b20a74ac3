// TLS 1.3 for the server, one session per connection. Plain OpenSSL: no Asio here, the caller waits for the socket.
//
// asio::ssl::stream costs about 55 KiB for an idle connection; a session of its own with released buffers about 13.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <openssl/ssl.h>

#include "crypto/bytes.hpp"

namespace tomoshibi::net {

// TLS 1.3 only, no tickets, no early data; X25519MLKEM768 first where OpenSSL has it (3.5 and later).
class tls_context {
 public:
  // PEM files; the certificate's may hold its chain. Throws std::runtime_error with a sentence.
  tls_context(const std::string& certificate_file, const std::string& key_file);
  SSL_CTX* get() const { return context_.get(); }
  // Why browsers do not take the certificate today, in a sentence; empty if its dates are good.
  std::string fault_of_dates() const;
  bool covers(const std::string& host) const;  // a DNS name or an IP address

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

// What a step came to. After `ended` the session is of no more use: the peer left or misbehaved.
enum class tls_step { done, want_read, want_write, ended };

struct tls_result {
  tls_step step;
  std::size_t count = 0;  // bytes moved, when done
};

// The server's end of one connection over a socket that it neither owns nor closes. Never blocks.
class tls_session {
 public:
  tls_session(const tls_context& context, int socket);

  tls_step handshake();
  tls_result read(std::span<byte> out);
  tls_result write(bytes_view in);  // done: at least one record of at most 16 KiB went to the kernel
  void say_goodbye();               // close_notify, as far as the socket takes it now

 private:
  tls_step step_after(int returned);

  std::unique_ptr<SSL, decltype(&SSL_free)> session_;
};

// The same without TLS.
class plain_session {
 public:
  explicit plain_session(int socket) : socket_(socket) {}

  tls_result read(std::span<byte> out);
  tls_result write(bytes_view in);
  void say_goodbye() {}

 private:
  int socket_;
};

}  // namespace tomoshibi::net
