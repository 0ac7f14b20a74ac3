#include "server/net/plain_http.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace tomoshibi::net {
namespace {

constexpr std::string_view challenges = "/.well-known/acme-challenge/";
constexpr std::size_t token_bytes_max = 128;
constexpr std::size_t redirected_bytes_max = 256;

constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= token_bytes_max && text.find_first_not_of(base64url) == text.npos;
}

// Such a path cannot lead to another host, and carries nothing that a person entered.
bool is_plain(std::string_view path) {
  return path.starts_with('/') && !path.starts_with("//") && path.size() <= redirected_bytes_max &&
         path.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./") == path.npos;
}

class file {
 public:
  explicit file(int number) : number_(number) {}
  file(file&& from) noexcept : number_(std::exchange(from.number_, -1)) {}
  file& operator=(file&& from) noexcept {
    std::swap(number_, from.number_);
    return *this;
  }
  ~file() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;  // below 0: not open
};

// No link is followed below the folder: it could lead to anything on the machine.
file open_challenge(const std::string& acme_folder, const std::string& token) {
  constexpr int folder_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  file at(::open(acme_folder.c_str(), folder_flags));
  for (const char* below : {".well-known", "acme-challenge"})
    at = file(::openat(at.number(), below, folder_flags | O_NOFOLLOW));
  return file(::openat(at.number(), token.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

std::optional<std::string> read_challenge(const std::string& acme_folder, const std::string& token) {
  const file from = open_challenge(acme_folder, token);
  struct stat about {};
  if (from.number() < 0 || ::fstat(from.number(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  std::string out(challenge_bytes_max + 1, '\0');
  const ssize_t count = ::read(from.number(), out.data(), out.size());
  if (count < 0 || static_cast<std::size_t>(count) > challenge_bytes_max) return std::nullopt;
  out.resize(static_cast<std::size_t>(count));
  return out;
}

}  // namespace

std::string fault_of_acme_folder(const std::string& acme_folder) {
  if (acme_folder.empty()) return {};
  const file in_it(::open((acme_folder + "/.").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (in_it.number() >= 0) return {};
  return "The ACME folder " + acme_folder + " cannot be read (" + std::strerror(errno) +
         "): make it, or let this user enter it; until then no certificate is issued over plain HTTP";
}

std::string answer_plainly(const plain_request& asked, const std::string& acme_folder) {
  if (!acme_folder.empty() && asked.path.starts_with(challenges)) {
    const std::string token = asked.path.substr(challenges.size());
    const auto found = is_token(token) ? read_challenge(acme_folder, token) : std::nullopt;
    if (!found) return answer_header({.status = 404});
    const std::string out =
        answer_header({.status = 200, .type = "application/octet-stream", .length = found->size()});
    return asked.head ? out : out + *found;
  }
  const std::string whereto = std::string(asked.origin) + (is_plain(asked.path) ? asked.path : "/");
  return answer_header({.status = 308, .location = whereto});
}

}  // namespace tomoshibi::net
