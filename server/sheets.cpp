#include "server/sheets.hpp"

#include <fmt/format.h>

#include "server/embedded.hpp"

namespace tomoshibi {
namespace {

using crypto::secret_bytes;
using crypto::sheet_fault;

std::unexpected<std::string> failed(std::string what) { return std::unexpected(std::move(what)); }

// In groups of four: it is compared by eye.
std::string grouped(const std::string& hex) {
  std::string out;
  for (std::size_t at = 0; at < hex.size(); at += 4) {
    if (at > 0) out += at % 32 == 0 ? "\n        " : " ";
    out += hex.substr(at, 4);
  }
  return out;
}

secret_bytes indented(const secret_bytes& lines) {
  secret_bytes out(8, ' ');
  for (const byte each : lines) {
    out.push_back(each);
    if (each == '\n') out.insert(out.end(), {'\n', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '});
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  out.push_back('\n');
  return out;
}

secret_bytes value_of(std::string_view placeholder, const crypto::sheet& one, const sheet_title& title) {
  const auto plain = [](std::string_view text) { return secret_bytes(text.begin(), text.end()); };
  if (placeholder == "name_ja") return plain(title.ja);
  if (placeholder == "name_en") return plain(title.en);
  if (placeholder == "number") return plain(fmt::to_string(one.number));
  if (placeholder == "date") return plain(title.date);
  if (placeholder == "fingerprint") return plain(grouped(to_hex(one.fingerprint)));
  return indented(crypto::print_sheet(one));  // lines
}

secret_bytes draw_page(const crypto::sheet& one, const sheet_title& title) {
  crypto::secret_writer out;
  std::string_view rest = embedded::server_sheet_txt;
  for (std::size_t at = 0; (at = rest.find("{{")) != std::string_view::npos;) {
    const std::size_t end = rest.find("}}", at);
    out.put(rest.substr(0, at)).put(value_of(rest.substr(at + 2, end - at - 2), one, title));
    rest = rest.substr(end + 2);
  }
  out.put(rest);
  return out.finish();
}

std::string sentence_of(const std::filesystem::path& file, sheet_fault fault) {
  const auto about = [&](std::string_view what) {
    return fmt::format("{}: line {} {}", file.string(), fault.line, what);
  };
  switch (fault.what) {
    case sheet_fault::line_missing:
      return about("is missing. Each of the seven lines begins with its number and a colon, as on the sheet.");
    case sheet_fault::line_twice:
      return about("is there twice. Leave the one that the sheet has.");
    case sheet_fault::line_length:
      return about("has a letter too few or too many: behind its number there are five groups of four.");
    case sheet_fault::line_letter:
      return about("has something in it that is on no sheet: there are digits, and letters without I, L, O and U.");
    case sheet_fault::line_check:
      return about("has a slip in it. Compare it with the sheet, letter by letter.");
    case sheet_fault::whole_check:
      break;
  }
  return fmt::format("{}: every line is right, but they are not all of one sheet. Type one sheet into each file.",
                     file.string());
}

file_result<crypto::sheet> read_page(const std::filesystem::path& file) {
  auto content = read_file(file);
  if (!content) return failed(content.error());
  auto out = crypto::read_sheet({reinterpret_cast<const char*>(content->data()), content->size()});
  crypto::wipe(*content);
  if (!out) return failed(sentence_of(file, out.error()));
  return *std::move(out);
}

std::string why_not_joined(crypto::failure why, const std::string& one, const std::string& other) {
  const std::string both = fmt::format("{} and {}: ", one, other);
  if (why == crypto::failure::malformed)
    return both + "this is the same sheet twice. Take another of the three as the second.";
  if (why == crypto::failure::wrong_binding)
    return both + "these are sheets of two different root keys. Compare the fingerprints on them.";
  return both +
         "these are sheets of one root key, but were not made together. Take two that were made on the same day.";
}

}  // namespace

file_result<void> write_sheets(const folder& of, const key_folder& keys, const std::filesystem::path& out,
                               const sheet_title& title, crypto::random_source& random) {
  const auto root = read_secret(keys.root_seed());
  if (!root) return failed(root.error());
  const auto fingerprint = read_fingerprint(of);
  if (!fingerprint) return failed(fingerprint.error());
  const auto made = crypto::split_root(*root, random);
  if (made.front().fingerprint != *fingerprint)
    return failed(fmt::format("{}: is not the root key of the centre in {}. Name the folder of this centre's own.",
                              keys.root_seed().string(), of.base.string()));
  const auto file_of = [&](const crypto::sheet& one) { return out / fmt::format("sheet-{}.txt", one.number); };
  for (const crypto::sheet& one : made)
    if (std::filesystem::exists(file_of(one)))
      return failed(fmt::format("{}: is there already. Name an empty folder: sheets of two sets do not fit together.",
                                file_of(one).string()));
  for (const crypto::sheet& one : made)
    if (auto done = write_file(file_of(one), draw_page(one, title), readers::owner); !done) return done;
  return {};
}

file_result<crypto::hash32> restore_root(const key_folder& into, const std::filesystem::path& one,
                                         const std::filesystem::path& other) {
  if (std::filesystem::exists(into.root_seed()))
    return failed(fmt::format("{}: there is a root key already, and it is left as it is. Name another folder.",
                              into.root_seed().string()));
  const auto first = read_page(one);
  if (!first) return failed(first.error());
  const auto second = read_page(other);
  if (!second) return failed(second.error());
  const auto root = crypto::join_sheets(*first, *second);
  if (!root) return failed(why_not_joined(root.error(), one.string(), other.string()));
  if (auto done = write_file(into.root_seed(), root->view(), readers::owner); !done) return failed(done.error());
  return first->fingerprint;
}

}  // namespace tomoshibi
