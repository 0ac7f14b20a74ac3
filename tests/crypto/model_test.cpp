// The models under crypto/model name the tags and layouts of the code: a label t1_th is the tag "t1/th". What only
// one side knows is told in crypto/model/README.md: "Not in the code yet" and "Not in a model".
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/house/source_file.hpp"

namespace tomoshibi::crypto {
namespace {

namespace fs = std::filesystem;
using names = std::set<std::string>;

const fs::path root = TOMOSHIBI_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::string text = house::read_text(root / file);
  EXPECT_FALSE(text.empty()) << file;
  return text;
}

names find_all(const std::string& text, const std::string& pattern) {
  names out;
  const std::regex what(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), what), end; at != end; ++at) out.insert((*at)[1].str());
  return out;
}

names tags_of_the_code() {
  names out;
  for (std::string_view room : {"crypto", "client-web"})
    for (const house::source_file& file : house::source_files(room))
      if (file.path.ends_with(".cpp")) out.merge(find_all(file.text, R"re("t1/([a-z0-9]+)")re"));
  return out;
}

std::string models() {
  std::string out;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "crypto/model"))
    if (const fs::path kind = entry.path().extension(); kind == ".pv" || kind == ".pvl" || kind == ".pml")
      out += house::read_text(entry.path());
  return out;
}

// Beyond its declaration: a label that nothing uses models nothing.
names tags_of_the_models() {
  const std::string used = std::regex_replace(models(), std::regex(R"re(\nconst [^.]*\.)re"), "\n");
  return find_all(used, R"re(\bt1_([a-z0-9]+)\b)re");
}

// The tags in the README's paragraph that begins with `heading`; none if there is no such paragraph.
names tags_listed(const std::string& heading) {
  const std::string text = read("crypto/model/README.md");
  const std::size_t begin = text.find(heading);
  if (begin == std::string::npos) return {};
  return find_all(text.substr(begin, text.find("\n\n", begin) - begin), R"re(`t1/([a-z0-9]+)`)re");
}

// "(* th: t1_th | roster_hash | ... *)" in a model: the words of that layout.
std::vector<std::string> layout(const std::string& model, const std::string& name) {
  const std::regex line(R"re(\(\* )re" + name + R"re(: ([^*]*) \*\))re");
  std::smatch at;
  EXPECT_TRUE(std::regex_search(model, at, line)) << name;
  std::vector<std::string> out;
  const std::string fields = at.empty() ? "" : at[1].str();
  static const std::regex word(R"re([A-Za-z0-9_-]+(?: key)?)re");
  for (std::sregex_iterator each(fields.begin(), fields.end(), word), end; each != end; ++each)
    out.push_back(each->str());
  return out;
}

// The fields of a layout in a comment of the code, without their sizes: "psk_id16 | ctD1120 | zeros" is psk_id, ctD.
std::vector<std::string> fields_of(std::string text) {
  text = std::regex_replace(text, std::regex(R"re(\n\s*(//)?)re"), " ");
  std::vector<std::string> out;
  static const std::regex field(R"re(\s*([^|]*[^|\s])\s*(\||$))re");
  for (std::sregex_iterator at(text.begin(), text.end(), field), end; at != end; ++at) {
    const std::string name = std::regex_replace((*at)[1].str(), std::regex(R"re( ?\d+$)re"), "");
    if (name != "ver" && name != "kind" && name != "rsv" && name != "zeros") out.push_back(name);
  }
  return out;
}

std::vector<std::string> layout_in_code(const std::string& file, const std::string& pattern) {
  const std::string text = read(file);
  std::smatch at;
  EXPECT_TRUE(std::regex_search(text, at, std::regex(pattern))) << file << ": " << pattern;
  return at.empty() ? std::vector<std::string>() : fields_of(at[1].str());
}

TEST(model_tags, are_those_of_the_code) {
  const names code = tags_of_the_code();
  ASSERT_FALSE(code.empty());
  for (const std::string& tag : tags_of_the_models())
    EXPECT_TRUE(code.contains(tag)) << "t1/" << tag << " is in a model and nowhere else";
}

TEST(model_tags, leave_none_of_the_code_out_unsaid) {
  const names modelled = tags_of_the_models(), left_out = tags_listed("**Not in a model**");
  for (const std::string& tag : tags_of_the_code())
    EXPECT_TRUE(modelled.contains(tag) || left_out.contains(tag)) << "t1/" << tag << " is in no model";
  for (const std::string& tag : left_out)
    EXPECT_FALSE(modelled.contains(tag)) << "t1/" << tag << " is modelled now: take it off the README's list";
}

TEST(model_layouts, have_the_fields_of_the_code_in_their_order) {
  const std::string model = read("crypto/model/t1.pvl");
  const std::string handshake = "crypto/handshake.cpp", ratchet = "crypto/ratchet.cpp";
  using fields = std::vector<std::string>;

  EXPECT_EQ(layout(model, "OFFER"), layout_in_code(handshake, R"re(// OFFER = ([^\n]*))re"));
  EXPECT_EQ(layout(model, "HELLO"), layout_in_code(handshake, R"re(// HELLO = ([^;]*?zeros))re"));
  fields th = layout_in_code(handshake, R"re(// th = SHA-256\("t1/th" \| ([^)]*)\))re");
  th.insert(th.begin(), "t1_th");
  std::ranges::replace(th, std::string("cert"), std::string("certificate"));
  EXPECT_EQ(layout(model, "th"), th);
  EXPECT_EQ(layout(model, "header"), layout_in_code(ratchet, R"re(header_bytes = [^;]*; +// ([^\n]*))re"));
  EXPECT_EQ(layout(model, "after RK, t1_rk"), layout_in_code(ratchet, R"re(// RK' \| (.*) = HKDF)re"));
}

// The comment in a model is what the layout test reads; this is what the prover reads.
TEST(model_layouts, are_what_the_models_compute) {
  const std::string model = std::regex_replace(read("crypto/model/t1.pvl"), std::regex(R"re(\s+)re"), " ");
  const auto computed = [&](const std::string& name) {
    std::smatch at;
    EXPECT_TRUE(
        std::regex_search(model, at, std::regex("letfun " + name + R"re(\([^)]*\) = [a-zA-Z]*[ (]*([^.]*?)\)+\.)re")))
        << name;
    std::string all = at.empty() ? "" : at[1].str();
    all = std::regex_replace(all, std::regex(R"re(H\(([a-z]+)\))re"), "$1_hash");
    return std::regex_replace(all, std::regex(", "), " ");
  };
  const auto joined = [&](const std::string& name) {
    std::string out;
    for (const std::string& each : layout(read("crypto/model/t1.pvl"), name)) out += (out.empty() ? "" : " ") + each;
    return out;
  };
  EXPECT_EQ(computed("make_th"), joined("th"));
  EXPECT_EQ(std::regex_replace(computed("hello"), std::regex("certificate_hash"), "cert_hash"), joined("HELLO"));
}

}  // namespace
}  // namespace tomoshibi::crypto
