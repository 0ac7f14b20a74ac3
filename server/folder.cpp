#include "server/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

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
    if (!write_all(to.get(), content) || ::fsync(to.get()) != 0) {
      auto why = system_failure(fresh, "cannot be written");
      ::unlink(fresh.c_str());  // half a key is a key's worth of secrets
      return why;
    }
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    auto why = system_failure(file, "cannot be put in place");
    ::unlink(fresh.c_str());
    return why;
  }
  const descriptor folder_of(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_of.get() < 0 || ::fsync(folder_of.get()) != 0) return system_failure(parent, "cannot be synced");
  return {};
}

file_result<void> mark(const std::filesystem::path& file, bool there) {
  if (there) return write_file(file, {}, readers::owner);
  std::error_code failed;
  std::filesystem::remove(file, failed);
  if (failed) return std::unexpected(file.string() + ": cannot be removed: " + failed.message());
  return {};
}

file_result<file_lock> file_lock::hold(const std::filesystem::path& file, std::string_view when_held) {
  if (auto made = make_private_folder(file.parent_path()); !made) return std::unexpected(made.error());
  file_lock out(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (out.opened_ < 0) return system_failure(file, "cannot be opened");
  if (::flock(out.opened_, LOCK_EX | LOCK_NB) != 0) return sentence(file, when_held);
  return out;
}

bool file_lock::is_held(const std::filesystem::path& file) {
  const descriptor there(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return there.get() >= 0 && ::flock(there.get(), LOCK_SH | LOCK_NB) != 0;
}

file_lock::~file_lock() {
  if (opened_ >= 0) ::close(opened_);
}

file_result<file_lock> hold_folder(const folder& of) {
  struct stat whose {};
  if (::stat(of.base.c_str(), &whose) == 0 && whose.st_uid != ::geteuid())
    return sentence(of.base, "belongs to another user; start this as the user that the server runs as");
  return file_lock::hold(
      of.lock(),
      "held: the folder is being changed by another 'tomoshibi init' or 'staff'; start again when that is done");
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

namespace {

struct signed_files {
  bytes centre, issuer, roster;
};

// folder::served: the three, each behind its length in four bytes.
bytes encode(const signed_files& from) {
  writer out;
  for (const bytes* each : {&from.centre, &from.issuer, &from.roster})
    out.number(static_cast<std::uint32_t>(each->size())).put(*each);
  return out.finish();
}

std::optional<signed_files> decode_signed_files(bytes_view from) {
  signed_files out;
  reader in(from);
  for (bytes* each : {&out.centre, &out.issuer, &out.roster}) {
    const bytes_view object = in.view(in.number<std::uint32_t>());
    each->assign(object.begin(), object.end());
  }
  return in.complete() ? std::optional(std::move(out)) : std::nullopt;
}

file_result<std::optional<signed_files>> read_served(const folder& of) {
  if (!std::filesystem::exists(of.served())) return std::nullopt;
  const auto content = read_file(of.served());
  if (!content) return std::unexpected(content.error());
  auto out = decode_signed_files(*content);
  if (!out) return sentence(of.served(), "is damaged; put it back from a backup");
  return out;
}

file_result<signed_files> read_signed_files(const folder& of) {
  signed_files out;
  for (auto [file, into] :
       {std::pair{of.centre_file(), &out.centre}, {of.issuer_file(), &out.issuer}, {of.roster(), &out.roster}}) {
    auto content = read_file(file);
    if (!content) return std::unexpected(content.error());
    *into = *std::move(content);
  }
  return out;
}

std::string_view remedy(crypto::failure why) {
  using enum crypto::failure;
  if (why == expired) return "; 'tomoshibi staff renew' makes a new roster, 'tomoshibi init' a new issuer";
  if (why == not_yet_valid) return "; set this machine's clock right";
  if (why == rolled_back || why == forked)
    return "; clients have seen a newer one: put that back, or publish a newer one yet with 'tomoshibi staff renew'";
  return "; put back the files that belong together, or hold the ceremony again with 'tomoshibi init'";
}

file_result<believed> verify(const folder& of, signed_files files, crypto::seconds clock, const crypto::trust* seen) {
  const auto fingerprint = read_fingerprint(of);
  if (!fingerprint) return std::unexpected(fingerprint.error());
  auto verified = crypto::verify_trust(files.centre, files.issuer, files.roster, *fingerprint, clock, seen);
  if (!verified)
    return sentence(of.base, fmt::format("its centre file, issuer or roster is refused ({}){}",
                                         crypto::name(verified.error()), remedy(verified.error())));
  return believed{*std::move(verified), std::move(files.centre), std::move(files.issuer), std::move(files.roster)};
}

// Whether each roster between the two names the one before it. Those in between lie in rosters/.
bool leads_to(const folder& of, const crypto::trust& seen, const crypto::trust& next) {
  crypto::hash32 hash = seen.roster_hash;
  for (std::uint64_t epoch = seen.listed.epoch + 1; epoch < next.listed.epoch; ++epoch) {
    const auto between = read_file(of.roster(epoch));
    if (!between || roster_outline::of(*between).previous != hash) return false;
    hash = crypto::sha256(*between);
  }
  return next.listed.epoch <= seen.listed.epoch || next.listed.previous == hash;
}

}  // namespace

roster_outline roster_outline::of(bytes_view roster) {
  reader in(roster);
  in.view(16 + 32);
  roster_outline out;
  out.epoch = in.number<std::uint64_t>();
  out.previous = in.take<32>();
  out.issued = in.number<crypto::seconds>();
  return out;
}

file_result<believed> read_trust(const folder& of, crypto::seconds clock) {
  auto files = read_signed_files(of);
  if (!files) return std::unexpected(files.error());
  return verify(of, *std::move(files), clock, nullptr);
}

file_result<bytes> read_served_roster(const folder& of) {
  const auto shown = read_served(of);
  if (!shown) return std::unexpected(shown.error());
  return *shown ? (*shown)->roster : bytes{};
}

file_result<believed> read_trust_to_serve(const folder& of, crypto::seconds clock) {
  auto files = read_signed_files(of);
  if (!files) return std::unexpected(files.error());
  std::optional<believed> before;
  const auto shown = read_served(of);
  if (!shown) return std::unexpected(shown.error());
  if (*shown) {
    // At a time when it was good: it may have expired since.
    const auto fingerprint = read_fingerprint(of);
    if (!fingerprint) return std::unexpected(fingerprint.error());
    const auto centre = crypto::open_centre_file((*shown)->centre, *fingerprint);
    const crypto::seconds shift = centre ? crypto::seconds{centre->clock_shift_hours} * 3600 : 0;
    auto then = verify(of, **shown, roster_outline::of((*shown)->roster).issued - shift, nullptr);
    if (!then)
      return sentence(of.served(), "holds what no server of this centre has shown; put it back from a backup");
    before = *std::move(then);
  }
  auto now = verify(of, *std::move(files), clock, before ? &before->trust : nullptr);
  if (!now) return now;
  if (before && !leads_to(of, before->trust, now->trust))
    return sentence(of.roster(),
                    fmt::format("does not follow from roster {}, which this server has shown; put back the "
                                "roster that does, and those between them in rosters/",
                                before->trust.listed.epoch));
  if (!before || before->trust.roster_hash != now->trust.roster_hash ||
      before->trust.centre_hash != now->trust.centre_hash) {
    const bytes noted = encode({now->centre_object, now->issuer_object, now->roster_object});
    if (auto done = write_file(of.served(), noted, readers::owner); !done) return std::unexpected(done.error());
  }
  return now;
}

file_result<crypto::key_file> read_key_file(const std::filesystem::path& file) {
  auto content = read_file(file);
  if (!content) return std::unexpected(content.error());
  auto out = crypto::decode_key_file(*content);
  crypto::wipe(*content);
  if (!out) return sentence(file, "is not a key file");
  return *std::move(out);
}

file_result<std::vector<bytes>> read_certificates(const folder& of, const std::string& id) {
  const auto content = read_file(of.certificates(id));
  if (!content) return std::unexpected(content.error());
  std::vector<bytes> out;
  for (reader in(*content); in.left() > 0;) {
    const bytes_view one = in.view(crypto::certificate_bytes);
    if (!in.ok()) return sentence(of.certificates(id), "ends in the middle of a certificate");
    out.emplace_back(one.begin(), one.end());
  }
  return out;
}

file_result<crypto::identity> unlock_demo_staff(const folder& of, const std::string& id) {
  const auto file = read_file(of.staff_key(id));
  if (!file) return std::unexpected(file.error());
  const auto written = read_file(of.passphrase(id));
  if (!written) return std::unexpected(written.error());
  std::string passphrase = as_text(*written);
  while (!passphrase.empty() && passphrase.back() == '\n') passphrase.pop_back();
  auto opened = crypto::open_key_file(*file, passphrase, {});
  if (!opened) return sentence(of.staff_key(id), "does not open with the passphrase beside it");
  if (auto all = read_certificates(of, id); all && !all->empty()) opened->certificate = all->back();
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
