// The socket between a terminal and the server on the same machine.
#include "server/control.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "tests/support/temporary_folder.hpp"

namespace tomoshibi {
namespace {

using testing::HasSubstr;

// A server's end on a thread of its own, which says back what it is asked.
class echo {
 public:
  explicit echo(const folder& of) {
    std::filesystem::create_directories(of.control().parent_path());
    served_ =
        std::make_unique<control>(io_, of.control(), [](std::string_view said) { return "> " + std::string(said); });
    thread_ = std::thread([this] { io_.run(); });
  }
  ~echo() {
    io_.stop();
    thread_.join();
  }

 private:
  boost::asio::io_context io_;
  std::unique_ptr<control> served_;
  std::thread thread_;
};

class control_socket : public testing::Test {
 protected:
  support::temporary_folder place;
  folder of{place / "centre"};
};

TEST_F(control_socket, answers_one_line_with_one_line) {
  const echo server(of);
  for (const char* said : {"status", "reload", ""}) {
    const auto answer = ask_server(of, said);
    ASSERT_TRUE(answer) << answer.error();
    EXPECT_EQ(**answer, std::string("> ") + said);
  }
}

TEST_F(control_socket, is_for_the_servers_user_alone) {
  const echo server(of);
  struct stat shown {};
  ASSERT_EQ(::stat(of.control().c_str(), &shown), 0);
  EXPECT_TRUE(S_ISSOCK(shown.st_mode));
  EXPECT_EQ(shown.st_mode & 0777, 0600u);
}

TEST_F(control_socket, says_that_no_server_runs) {
  const auto nobody = ask_server(of, "status");
  ASSERT_TRUE(nobody) << nobody.error();
  EXPECT_EQ(*nobody, std::nullopt);
}

TEST_F(control_socket, of_a_server_that_was_killed_counts_as_none_and_is_replaced) {
  std::filesystem::create_directories(of.control().parent_path());
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  of.control().string().copy(at.sun_path, sizeof(at.sun_path) - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&at), sizeof(at)), 0);
  ::close(left);
  ASSERT_TRUE(std::filesystem::exists(of.control()));
  EXPECT_EQ(*ask_server(of, "status"), std::nullopt);
  const echo server(of);
  EXPECT_EQ(**ask_server(of, "status"), "> status");
}

TEST_F(control_socket, is_gone_after_the_server) {
  { const echo server(of); }
  EXPECT_FALSE(std::filesystem::exists(of.control()));
}

TEST_F(control_socket, takes_no_endless_request_and_lives_on) {
  const echo server(of);
  const auto refused = ask_server(of, std::string(control_request_bytes_max + 1, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr(of.control().string()));
  EXPECT_EQ(**ask_server(of, "status"), "> status");
}

TEST_F(control_socket, that_the_system_could_not_name_is_refused_with_a_remedy) {
  const folder deep{place / std::string(100, 'd')};
  EXPECT_THAT(ask_server(deep, "status").error(), HasSubstr("choose a shorter folder"));
  boost::asio::io_context io;
  EXPECT_THROW(control(io, deep.control(), [](std::string_view) { return std::string(); }), std::runtime_error);
}

}  // namespace
}  // namespace tomoshibi
