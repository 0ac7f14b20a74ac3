#include "server/net/tls.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace tomoshibi::net {
namespace {

// A socket BIO that never raises SIGPIPE; OpenSSL's own calls write(2).
int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_write(BIO* bio, const char* in, std::size_t size, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(socket_of(bio), in, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && would_block()) BIO_set_retry_write(bio);
  *written = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count > 0;
}

int bio_read(BIO* bio, char* out, std::size_t size, std::size_t* taken) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(socket_of(bio), out, size, MSG_DONTWAIT);
  if (count < 0 && would_block()) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  *taken = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count > 0;
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  return command == BIO_CTRL_FLUSH;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write_ex(made, bio_write);
    BIO_meth_set_read_ex(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

[[noreturn]] void fail(const std::string& sentence) {
  ERR_clear_error();
  throw std::runtime_error(sentence);
}

void require_readable(const char* what, const std::string& file) {
  errno = 0;
  std::ifstream in(file);
  if (!in || in.peek() == std::ifstream::traits_type::eof()) {
    fail(std::string(what) + " " + file + " cannot be read (" + (errno ? std::strerror(errno) : "it is empty") +
         "): check the path and who may read it");
  }
}

int no_passphrase(char*, int, int, void*) { return -1; }  // OpenSSL would ask on the terminal

// Only HTTP/1.1 is spoken here; a client that offers protocols but not this one meant another server.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  static constexpr unsigned char http_1_1[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, http_1_1, sizeof http_1_1 - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void load_files(SSL_CTX* context, const std::string& certificate_file, const std::string& key_file) {
  require_readable("The certificate", certificate_file);
  require_readable("The certificate's key", key_file);
  const auto fail_as_others = [&] {
    fail("The key " + key_file + " does not belong to the certificate " + certificate_file +
         ": give the two files that were made together");
  };
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    fail("The certificate " + certificate_file +
         " is not a PEM certificate that OpenSSL accepts: give the PEM file, "
         "the server's certificate first, then its chain");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long why = ERR_peek_last_error();
    if (ERR_GET_LIB(why) == ERR_LIB_X509 && ERR_GET_REASON(why) == X509_R_KEY_VALUES_MISMATCH) fail_as_others();
    fail("The key " + key_file +
         " is not a private key in PEM without a passphrase: convert it, or give the right file");
  }
  if (SSL_CTX_check_private_key(context) != 1) fail_as_others();  // of another kind, which is not seen above
}

}  // namespace

tls_context::tls_context(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  SSL_CTX* const context = context_.get();
  if (context == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (SSL_CTX_set1_groups_list(context, "X25519MLKEM768:X25519:P-256") != 1 &&
      SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1) {
    fail("OpenSSL on this machine offers neither X25519 nor P-256: install OpenSSL 3.0 or later");
  }
  ERR_clear_error();
  load_files(context, certificate_file, key_file);
}

std::string tls_context::fault_of_dates() const {
  const X509* const shown = SSL_CTX_get0_certificate(context_.get());
  if (X509_cmp_current_time(X509_get0_notAfter(shown)) <= 0)
    return "The certificate has expired: renew it where it was issued";
  if (X509_cmp_current_time(X509_get0_notBefore(shown)) > 0)
    return "The certificate is not valid yet: set this machine's clock, or give the one that is valid today";
  return {};
}

bool tls_context::covers(const std::string& host) const {
  X509* const shown = SSL_CTX_get0_certificate(context_.get());
  return X509_check_ip_asc(shown, host.c_str(), 0) == 1 ||
         X509_check_host(shown, host.data(), host.size(), 0, nullptr) == 1;
}

tls_session::tls_session(const tls_context& context, int socket) : session_(SSL_new(context.get()), &SSL_free) {
  BIO* const bio = BIO_new(socket_method());
  if (session_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);  // owns it
  SSL_set_accept_state(session_.get());
}

tls_step tls_session::step_after(int returned) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_NONE:
      return tls_step::done;
    case SSL_ERROR_WANT_READ:
      return tls_step::want_read;
    case SSL_ERROR_WANT_WRITE:
      return tls_step::want_write;
    default:
      ERR_clear_error();
      return tls_step::ended;
  }
}

tls_step tls_session::handshake() {
  ERR_clear_error();
  return step_after(SSL_do_handshake(session_.get()));
}

tls_result tls_session::read(std::span<byte> out) {
  ERR_clear_error();
  std::size_t count = 0;
  const tls_step step = step_after(SSL_read_ex(session_.get(), out.data(), out.size(), &count));
  return {step, count};
}

tls_result tls_session::write(bytes_view in) {
  ERR_clear_error();
  std::size_t count = 0;
  const tls_step step = step_after(SSL_write_ex(session_.get(), in.data(), in.size(), &count));
  return {step, count};
}

void tls_session::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

tls_result plain_session::read(std::span<byte> out) {
  const ssize_t count = ::recv(socket_, out.data(), out.size(), MSG_DONTWAIT);
  if (count > 0) return {tls_step::done, static_cast<std::size_t>(count)};
  return {count < 0 && would_block() ? tls_step::want_read : tls_step::ended};
}

tls_result plain_session::write(bytes_view in) {
  const ssize_t count = ::send(socket_, in.data(), in.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count > 0) return {tls_step::done, static_cast<std::size_t>(count)};
  return {count < 0 && would_block() ? tls_step::want_write : tls_step::ended};
}

}  // namespace tomoshibi::net
