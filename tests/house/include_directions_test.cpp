// Includes point one way. The two tables below are the whole rule; a room that is missing from them is refused.
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/house/source_file.hpp"

namespace tomoshibi::house {
namespace {

using names = std::set<std::string, std::less<>>;
using testing::ElementsAre;
using testing::IsEmpty;

// Every room may include itself and the floor.
constexpr std::string_view floor_header = "crypto/bytes.hpp";

const std::map<std::string, names, std::less<>> rooms_seen_by = {
    {"crypto", {}},
    {"storage", {"crypto"}},
    {"server/wire", {}},
    {"server/desk", {"server/wire"}},
    {"server/centre", {"server/desk", "server/wire", "storage", "crypto"}},
    {"server/net", {}},
    {"server/config", {"server/desk", "server/wire", "crypto"}},
    {"server/drill", {"client-web/core", "server/wire", "crypto"}},
    {"client-web/core", {"server/wire", "crypto"}},
    {"client-web/wasm", {"client-web/core", "server/wire", "crypto"}},
    {"server",  // main.cpp builds the objects, so it sees every room
     {"server/net", "server/centre", "server/config", "server/drill", "server/desk", "server/wire", "client-web/core",
      "storage", "crypto"}},
};

// What is not the C++ library's own, by the beginning of its name. The longest match decides.
const std::map<std::string, names, std::less<>> rooms_that_see = {
    {"sodium.h", {"crypto"}},
    {"sodium/", {"crypto"}},
    {"sqlite3.h", {"storage"}},
    {"boost/", {"server/net", "server/drill", "server"}},
    {"openssl/", {"server/net", "server/drill"}},
    {"date/", {"server/desk", "server/config"}},
    {"toml++/", {"server/config"}},
    {"CLI/", {"server"}},
    {"nlohmann/", {"server/drill", "server/config", "server"}},
    {"spdlog/", {"server"}},
    {"fmt/", {"server/drill", "server/config", "server"}},
};

// These rooms are handed bytes, the time and randomness: they neither ask a clock nor touch a file, a socket or a
// thread.
const names pure_rooms = {"crypto", "server/wire", "server/desk", "server/centre", "client-web/core"};
const names impure_headers = {"condition_variable", "ctime", "filesystem", "fstream", "future",
                              "iostream",           "mutex", "random",     "thread"};

std::optional<std::string> room_of(std::string_view path) {
  std::optional<std::string> found;
  for (const auto& [room, seen] : rooms_seen_by) {
    const bool inside = path.size() > room.size() && path.starts_with(room) && path[room.size()] == '/';
    if (inside && (!found || found->size() < room.size())) found = room;
  }
  return found;
}

struct include {
  std::string name;
  bool quoted = false;  // "ours", not <theirs>
};

std::vector<include> includes_of(std::string_view text) {
  static const std::regex line_of_include(R"(\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::vector<include> out;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, line_of_include)) out.push_back({match[2], match[1] == "\""});
  }
  return out;
}

bool may_include_ours(const std::string& room, const std::string& name) {
  if (name == floor_header) return true;
  const std::optional<std::string> other = room_of(name);
  return other && (*other == room || rooms_seen_by.at(room).contains(*other));
}

bool may_include_theirs(const std::string& room, const std::string& name) {
  for (const auto& [library, rooms] : rooms_that_see) {
    if (name.starts_with(library)) return rooms.contains(room);
  }
  const bool of_the_system = name.ends_with(".h");                          // <sys/stat.h>, <unistd.h>
  if (!of_the_system && name.find('/') != std::string::npos) return false;  // a library that is in no table
  return !pure_rooms.contains(room) || (!of_the_system && !impure_headers.contains(name));
}

// One sentence for each include that points the wrong way.
std::vector<std::string> wrong_includes(const source_file& file) {
  const std::optional<std::string> room = room_of(file.path);
  if (!room) return {file.path + " lies in no room of the table"};
  std::vector<std::string> out;
  for (const include& each : includes_of(file.text)) {
    const bool allowed = each.quoted ? may_include_ours(*room, each.name) : may_include_theirs(*room, each.name);
    if (!allowed) out.push_back(file.path + " may not include " + each.name);
  }
  return out;
}

TEST(include_directions, hold_in_every_room) {
  std::size_t files = 0;
  for (std::string_view top : {"crypto", "storage", "server", "client-web"}) {
    for (const source_file& file : source_files(top)) {
      ++files;
      EXPECT_THAT(wrong_includes(file), IsEmpty());
    }
  }
  EXPECT_GT(files, 10u) << "the project's sources were not found";
}

// In the tree, or made at build time by its room's CMakeLists.txt, which then names it.
bool is_a_file_of_ours(const std::string& name) {
  const std::filesystem::path file = std::filesystem::path(TOMOSHIBI_SOURCE_DIR) / name;
  return std::filesystem::exists(file) ||
         read_text(file.parent_path() / "CMakeLists.txt").find(file.filename().string()) != std::string::npos;
}

TEST(include_directions, name_files_from_the_root) {
  for (std::string_view top : {"crypto", "storage", "server", "client-web", "tests"}) {
    for (const source_file& file : source_files(top)) {
      for (const include& each : includes_of(file.text)) {
        EXPECT_TRUE(!each.quoted || is_a_file_of_ours(each.name))
            << file.path << " includes " << each.name << ", which is not a path from the project's root";
      }
    }
  }
  EXPECT_FALSE(is_a_file_of_ours("crypto/nothing.hpp"));
}

TEST(include_directions, let_a_room_see_what_is_below_it) {
  EXPECT_THAT(
      wrong_includes({"server/centre/centre.cpp",
                      "#include \"server/centre/centre.hpp\"\n#include \"storage/store.hpp\"\n#include <vector>\n"}),
      IsEmpty());
  EXPECT_THAT(wrong_includes({"server/wire/codec.cpp", "#include \"crypto/bytes.hpp\"\n"}), IsEmpty());
  EXPECT_THAT(wrong_includes({"crypto/aead.cpp", "#include <sodium.h>\n"}), IsEmpty());
}

TEST(include_directions, refuse_an_include_upwards_or_sideways) {
  EXPECT_THAT(wrong_includes({"server/desk/line.cpp", "#include \"storage/store.hpp\"\n"}),
              ElementsAre("server/desk/line.cpp may not include storage/store.hpp"));
  EXPECT_THAT(wrong_includes({"server/wire/codec.cpp", "#include \"crypto/aead.hpp\"\n"}),
              ElementsAre("server/wire/codec.cpp may not include crypto/aead.hpp"));
  EXPECT_THAT(wrong_includes({"storage/store.cpp", "  # include \"server/net/server.hpp\"  // why not\n"}),
              ElementsAre("storage/store.cpp may not include server/net/server.hpp"));
}

TEST(include_directions, keep_each_library_in_its_room) {
  EXPECT_THAT(wrong_includes({"storage/store.cpp", "#include <sodium.h>\n#include <sqlite3.h>\n"}),
              ElementsAre("storage/store.cpp may not include sodium.h"));
  EXPECT_THAT(wrong_includes({"server/centre/centre.cpp", "#include <boost/asio.hpp>\n"}),
              ElementsAre("server/centre/centre.cpp may not include boost/asio.hpp"));
  EXPECT_THAT(wrong_includes({"server/net/server.cpp", "#include <curl/curl.hpp>\n"}),
              ElementsAre("server/net/server.cpp may not include curl/curl.hpp"));
}

TEST(include_directions, keep_clocks_and_files_out_of_pure_rooms) {
  EXPECT_THAT(
      wrong_includes({"server/desk/hours.cpp", "#include <chrono>\n#include <ctime>\n#include <unistd.h>\n"}),
      ElementsAre("server/desk/hours.cpp may not include ctime", "server/desk/hours.cpp may not include unistd.h"));
  EXPECT_THAT(wrong_includes({"storage/sqlite_store.cpp", "#include <thread>\n#include <sys/stat.h>\n"}), IsEmpty());
}

TEST(include_directions, refuse_a_room_that_is_in_no_table) {
  EXPECT_THAT(wrong_includes({"cellar/wine.cpp", ""}), ElementsAre("cellar/wine.cpp lies in no room of the table"));
}

}  // namespace
}  // namespace tomoshibi::house
