#include "server/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace tomoshibi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view how_to_build = "client-web/build makes the pages, in build/pages";

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {".css", "text/css; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},       {".png", "image/png"},
    {".svg", "image/svg+xml"},           {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"}};

std::unexpected<std::string> sentence(const fs::path& file, std::string_view what) {
  return std::unexpected(fmt::format("{}: {}", file.string(), what));
}

using contents = std::map<std::string, std::string>;  // by path, as in `pages`

// A link is refused rather than followed: it could lead to anything on the machine.
file_result<contents> read_all(const fs::path& from) {
  contents out;
  std::uintmax_t bytes_in_all = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from)) {
    const fs::file_status status = entry.symlink_status();
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status))
      return sentence(entry.path(), "is neither a file nor a folder; pages are files");
    bytes_in_all += entry.file_size();
    if (bytes_in_all > pages_bytes_max)
      return sentence(from, fmt::format("holds more than the {} MiB that pages may have", pages_bytes_max >> 20));
    auto content = read_file(entry.path());
    if (!content) return std::unexpected(content.error());
    out["/" + entry.path().lexically_relative(from).generic_string()] = as_text(*content);
  }
  return out;
}

file_result<html_template> take_template(contents& in, const fs::path& from, const std::string& name) {
  const auto found = in.extract("/" + name);
  if (!found) return sentence(from, fmt::format("holds no {}; {}", name, how_to_build));
  auto read = html_template::read(found.mapped());
  if (!read) return sentence(from / name, read.error());
  return read;
}

// X.br and X.gz come after X, in the order of their names.
file_result<void> add(pages& to, const fs::path& from, const std::string& path, std::string content) {
  const fs::path file = from / path.substr(1);
  const std::string ending = file.extension().string();
  auto body = std::make_shared<const std::string>(std::move(content));
  if (ending == ".br" || ending == ".gz") {
    const auto plain = to.files.find(path.substr(0, path.size() - ending.size()));
    if (plain == to.files.end()) return sentence(file, "compresses no file that is served as it is");
    (ending == ".br" ? plain->second.br : plain->second.gzip) = std::move(body);
    return {};
  }
  if (ending == ".html") return sentence(file, "is no page; the pages are front.html and staff.html");
  const auto type = std::ranges::find(types, ending, &std::pair<std::string_view, std::string_view>::first);
  if (type == std::end(types)) return sentence(file, "cannot be served; no type is known for names that end so");
  to.files[path] = {.type = std::string(type->second), .body = std::move(body)};
  return {};
}

}  // namespace

file_result<pages> load_pages(const fs::path& from) try {
  if (!fs::is_directory(from)) return sentence(from, fmt::format("is no folder; {}", how_to_build));
  auto read = read_all(from);
  if (!read) return std::unexpected(read.error());
  auto front = take_template(*read, from, "front.html");
  if (!front) return std::unexpected(front.error());
  auto staff = take_template(*read, from, "staff.html");
  if (!staff) return std::unexpected(staff.error());
  pages out{{}, *std::move(front), *std::move(staff)};
  for (auto& [path, content] : *read)
    if (auto added = add(out, from, path, std::move(content)); !added) return std::unexpected(added.error());
  return out;
} catch (const fs::filesystem_error& failed) {
  return sentence(failed.path1(), fmt::format("cannot be read: {}", failed.code().message()));
}

}  // namespace tomoshibi
