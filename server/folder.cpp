#include "server/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

namespace tomoshibi {
namespace {

std::unexpected<std::string> sentence(const std::filesystem::path& file, std::string_view what) {
  return std::unexpected(fmt::format("{}: {}", file.string(), what));
}

std::unexpected<std::string> system_failure(const std::filesystem::path& file, std::string_view doing) {
  return sentence(file, fmt::format("{}: {}", doing, std::strerror(errno)));
}

class descriptor {
 public:
  explicit descriptor(int opened) : opened_(opened) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (opened_ >= 0) ::close(opened_);
  }
  int get() const { return opened_; }

 private:
  int opened_;
};

// With every folder above it that is not there yet.
file_result<void> make_private_folder(const std::filesystem::path& at) {
  if (at.empty() || std::filesystem::exists(at)) return {};
  if (auto above = make_private_folder(at.parent_path()); !above) return above;
  if (::mkdir(at.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_failure(at, "cannot be made");
  return {};
}

bool write_all(int to, bytes_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(to, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

file_result<bytes> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return system_failure(file, "cannot be read");
  bytes out{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return system_failure(file, "cannot be read to its end");
  return out;
}

file_result<void> write_file(const std::filesystem::path& file, bytes_view content, readers who) {
  const std::filesystem::path parent = file.has_parent_path() ? file.parent_path() : ".";
  if (auto made = make_private_folder(parent); !made) return made;
  const std::filesystem::path fresh = file.string() + ".new";
  {
    ::unlink(fresh.c_str());
    const descriptor to(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                               who == readers::owner ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
    if (to.get() < 0) return system_failure(fresh, "cannot be made");
    if (!write_all(to.get(), content) || ::fsync(to.get()) != 0) return system_failure(fresh, "cannot be written");
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return system_failure(file, "cannot be put in place");
  const descriptor folder_of(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_of.get() < 0 || ::fsync(folder_of.get()) != 0) return system_failure(parent, "cannot be synced");
  return {};
}

file_result<crypto::secret<32>> read_secret(const std::filesystem::path& file) {
  auto content = read_file(file);
  if (!content) return std::unexpected(content.error());
  if (content->size() != 32) return sentence(file, fmt::format("holds {} bytes, not 32", content->size()));
  const crypto::secret<32> out{std::span<const byte, 32>{*content}};
  crypto::wipe(*content);
  return out;
}

file_result<crypto::hash32> read_fingerprint(const folder& of) {
  auto content = read_file(of.fingerprint());
  if (!content) return std::unexpected(content.error());
  std::string text = as_text(*content);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const auto wrong = [&] { return sentence(of.fingerprint(), "is not 64 hexadecimal digits"); };
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos) return wrong();
  crypto::hash32 out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<byte>(std::stoul(text.substr(i * 2, 2), nullptr, 16));
  return out;
}

file_result<believed> read_trust(const folder& of, crypto::seconds clock) {
  const auto fingerprint = read_fingerprint(of);
  if (!fingerprint) return std::unexpected(fingerprint.error());
  believed out;
  for (auto [file, into] : {std::pair{of.centre_file(), &out.centre_object},
                            {of.issuer_file(), &out.issuer_object},
                            {of.roster(), &out.roster_object}}) {
    auto content = read_file(file);
    if (!content) return std::unexpected(content.error());
    *into = *std::move(content);
  }
  auto verified = crypto::verify_trust(out.centre_object, out.issuer_object, out.roster_object, *fingerprint, clock);
  if (!verified)
    return sentence(of.base, fmt::format("its centre file, issuer or roster is refused ({}); "
                                         "'tomoshibi init' renews what has expired",
                                         crypto::name(verified.error())));
  out.trust = *std::move(verified);
  return out;
}

file_result<crypto::key_file> read_key_file(const std::filesystem::path& file) {
  auto content = read_file(file);
  if (!content) return std::unexpected(content.error());
  auto out = crypto::decode_key_file(*content);
  crypto::wipe(*content);
  if (!out) return sentence(file, "is not a key file");
  return *std::move(out);
}

file_result<crypto::identity> unlock_demo_staff(const folder& of, const std::string& id) {
  const auto file = read_file(of.staff_key(id));
  if (!file) return std::unexpected(file.error());
  const auto written = read_file(of.staff(id) / "passphrase");
  if (!written) return std::unexpected(written.error());
  std::string passphrase = as_text(*written);
  while (!passphrase.empty() && passphrase.back() == '\n') passphrase.pop_back();
  auto opened = crypto::open_key_file(*file, passphrase, {});
  if (!opened) return sentence(of.staff_key(id), "does not open with the passphrase beside it");
  return *std::move(opened);
}

file_result<std::vector<crypto::identity>> read_drill_members(const folder& of) {
  const auto content = read_file(of.drill());
  if (!content) return std::unexpected(content.error());
  std::vector<crypto::identity> out;
  reader in(*content);
  while (in.left() > 0) {
    const bytes_view certificate = in.view(crypto::certificate_bytes);
    const auto sign = in.take<32>(), agree = in.take<32>();
    if (!in.ok()) return sentence(of.drill(), "ends in the middle of a member");
    out.push_back(
        {bytes(certificate.begin(), certificate.end()), crypto::sign_seed(sign), crypto::agree_seed(agree)});
  }
  return out;
}

crypto::seconds machine_clock() {
  return static_cast<crypto::seconds>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace tomoshibi
