// WIRE.md says in prose what messages.hpp and errors.hpp declare: the same codes, names, fields, sizes and values.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/wire/every_message.hpp"

namespace tomoshibi::wire {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::string(TOMOSHIBI_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(in) << path;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

struct described {
  std::string name;
  std::string fields;  // "conversation, number, body"
  bool operator==(const described&) const = default;
};
void PrintTo(const described& in, std::ostream* out) { *out << in.name << "(" << in.fields << ")"; }

std::vector<std::smatch> matches(const std::string& in, const std::regex& what) {
  return {std::sregex_iterator(in.begin(), in.end(), what), std::sregex_iterator()};
}

unsigned number(const std::string& text) { return static_cast<unsigned>(std::stoul(text, nullptr, 0)); }

// | 0x10 | `watch` | 17 | `desk` 16 | ...
struct row {
  described what;
  std::size_t size = 0;
};
std::map<unsigned, row> rows_of_wire_md() {
  static const std::regex line(R"re(\n\| (0x[0-9a-f]{2}) \| `(\w+)` \| (\d+)[^|]* \| ([^|]*) \|)re");
  static const std::regex field(R"re(`(\w+)`)re");
  const std::string text = read("server/wire/WIRE.md");
  std::map<unsigned, row> out;
  for (const std::smatch& at : matches(text, line)) {
    std::string fields;
    const std::string listed = at[4];
    for (const std::smatch& one : matches(listed, field)) fields += (fields.empty() ? "" : ", ") + one[1].str();
    EXPECT_TRUE(out.emplace(number(at[1]), row{{at[2], fields}, number(at[3])}).second) << at[1];
  }
  return out;
}

std::map<unsigned, described> structs_of_the_header() {
  static const std::regex declared(
      R"re(struct (\w+) \{[^}]*?static constexpr byte code = (0x[0-9a-f]{2});[^]*?auto fields\(\) \{ return std::tie\(([^)]*)\); \})re");
  const std::string text = read("server/wire/messages.hpp");
  std::map<unsigned, described> out;
  for (const std::smatch& at : matches(text, declared))
    EXPECT_TRUE(out.emplace(number(at[2]), described{at[1], at[3]}).second) << at[2];
  return out;
}

TEST(wire_md, describes_every_message_with_its_code_name_and_fields) {
  const std::map<unsigned, described> header = structs_of_the_header();
  std::map<unsigned, described> prose;
  for (const auto& [code, one] : rows_of_wire_md()) prose.emplace(code, one.what);
  EXPECT_EQ(prose, header);
  std::set<unsigned> codes;
  for_each_type<client_message>([&]<class M>(std::type_identity<M>) { codes.insert(M::code); });
  for_each_type<server_message>([&]<class M>(std::type_identity<M>) { codes.insert(M::code); });
  EXPECT_EQ(codes.size(), header.size());
  for (const unsigned code : codes) EXPECT_TRUE(header.contains(code)) << code;
}

TEST(wire_md, gives_every_message_its_size) {
  const std::map<unsigned, row> prose = rows_of_wire_md();
  const auto check = [&](byte code, std::size_t size) {
    ASSERT_TRUE(prose.contains(code)) << int{code};
    EXPECT_EQ(prose.at(code).size, size) << prose.at(code).what.name;
  };
  for_each_type<client_message>(
      [&]<class M>(std::type_identity<M>) { check(M::code, encode(client_message{M{}}).size()); });
  for_each_type<server_message>(
      [&]<class M>(std::type_identity<M>) { check(M::code, encode(server_message{M{}}).size()); });
}

// "`door_reason`: 0 `open`, 1 `outside_hours`, ..." against "enum class door_reason : byte { open = 0, ..."
TEST(wire_md, names_every_value) {
  static const std::regex enumeration(R"re(enum class (\w+) : byte \{([^}]*)\})re");
  static const std::regex value(R"re((\w+) = (\d+))re");
  const std::string header = read("server/wire/messages.hpp"), prose = read("server/wire/WIRE.md");
  int found = 0;
  for (const std::smatch& one : matches(header, enumeration)) {
    std::string expected = "- `" + one[1].str() + "`: ";
    const std::string body = one[2];
    bool first = true;
    for (const std::smatch& at : matches(body, value)) {
      expected += (first ? "" : ", ") + at[2].str() + " `" + at[1].str() + "`";
      first = false;
    }
    EXPECT_NE(prose.find(expected + "\n"), std::string::npos) << expected;
    ++found;
  }
  EXPECT_EQ(found, 10);
}

TEST(wire_md, lists_every_error_with_its_code_and_close_code) {
  static const std::regex line(R"re(\n\| (\d+) \| `(\w+)` \| (\d+) \|)re");
  const std::string prose = read("server/wire/WIRE.md");
  std::map<unsigned, std::pair<std::string, unsigned>> listed, table;
  for (const std::smatch& at : matches(prose, line)) listed[number(at[1])] = {at[2], number(at[3])};
  for (const error_entry& one : error_table)
    table[static_cast<unsigned>(one.code)] = {std::string(one.name), one.close_code};
  EXPECT_EQ(listed, table);
}

}  // namespace
}  // namespace tomoshibi::wire
