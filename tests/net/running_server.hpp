// A server on loopback with a certificate of its own, an audience that keeps what it heard, and a client that writes
// whatever bytes a test likes. All on the test's thread: whoever waits runs the io_context.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <boost/asio/io_context.hpp>

#include "server/drill/socket.hpp"
#include "server/net/server.hpp"

namespace tomoshibi::net {

using namespace std::chrono_literals;

class heard : public audience {
 public:
  page get(const visit& asked) override;
  void opened(connection_id who, std::string_view origin) override;
  void received(connection_id who, bytes_view message) override;
  void closed(connection_id who) override;

  std::map<std::string, page, std::less<>> pages;  // "/loopback" for this machine itself alone
  std::vector<connection_id> open;                 // in the order they came
  std::vector<std::string> origins, messages;
  int opened_count = 0, closed_count = 0;
  std::function<void(connection_id, bytes_view)> on_received;
};

class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

// Files made once for the whole program.
struct certificate_files {
  std::string certificate, key;
};
const certificate_files& certificate_of_localhost();
const certificate_files& another_certificate();

class running_server : public testing::Test {
 protected:
  // Tests change these before start().
  server_settings settings;
  boost::asio::io_context io;
  heard audience_;
  std::vector<std::string> logged;
  std::unique_ptr<server> server_;

  running_server();
  void start();
  // Runs the io_context until it holds, at most ten seconds.
  bool wait_for(const std::function<bool()>& condition);
  std::string log() const;  // all lines
  std::string origin() const { return "https://localhost:" + std::to_string(server_->port()); }
  std::string host() const { return "localhost:" + std::to_string(server_->port()); }
  drill::endpoint where() const;
  std::string stop_and_log();  // stops, waits, and gives the log with its counts

  friend class raw_client;
};

struct way {
  std::uint16_t port = 0;          // 0: that of TLS
  const char* from = "127.0.0.1";  // all of 127.0.0.0/8 is this machine
};

// A TLS client by hand. Every call runs the server while it waits, at most ten seconds.
class raw_client {
 public:
  raw_client(running_server& test, bool handshake = true, int receive_buffer_bytes = 0, way over = {});
  raw_client(const raw_client&) = delete;
  ~raw_client();

  bool shake_hands(int maximum_version = TLS1_3_VERSION);
  void begin_handshake();                      // the first step of it alone, without running the server
  bool is_answered() const;                    // something came that was not read yet
  void send(std::string_view in);              // through TLS
  void send_plainly(std::string_view in);      // beneath it
  std::string read_some();                     // empty: the connection is over
  std::string read_answer(bool head = false);  // one HTTP answer, header and body
  std::string read_all();                      // until the server closes
  std::string read_all_plainly();              // without TLS
  std::string certificate() const;             // the server's, in PEM
  std::string get(std::string_view path, std::string_view more_headers = "");
  std::string request(std::string_view method, std::string_view path, std::string_view more_headers = "") const;
  std::string upgrade_request(std::string_view more_headers) const;  // all but Host, Connection, Upgrade
  void upgrade();                                                    // with what the server expects; must succeed
  bool was_reset() const;                                            // rather than closed in order
  bool is_left() const;                                              // what it sends reaches nobody any more
  bool is_cut();                                                     // waits for the end, without TLS

 private:
  int pump(const std::function<int()>& step);

  running_server& test_;
  int socket_ = -1;
  SSL_CTX* context_;
  SSL* session_;
  std::string in_;
};

// A masked client frame.
std::string client_frame(int opcode, std::string_view payload, bool final = true);
std::string close_frame(int code, std::string_view reason);  // as the server writes it

}  // namespace tomoshibi::net
