// What a folder of pages becomes in memory, and what is said of one that cannot be served.
#include "server/pages.hpp"

#include <gmock/gmock.h>

#include "tests/server/small_pages.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tomoshibi {
namespace {

using support::small_pages;
using testing::HasSubstr;
using testing::Key;
using testing::StartsWith;
using testing::UnorderedElementsAre;

file_result<pages> load(const support::files& content) {
  const support::temporary_folder place;
  support::write_pages(place.path(), content);
  return load_pages(place.path());
}

TEST(pages, are_every_file_by_its_path_with_its_encodings) {
  const auto read = load(small_pages());
  ASSERT_TRUE(read) << read.error();
  EXPECT_THAT(read->files, UnorderedElementsAre(Key("/page.js"), Key("/parts/icon.svg")));
  const net::page& script = read->files.at("/page.js");
  EXPECT_EQ(script.status, 200u);
  EXPECT_EQ(script.type, "text/javascript; charset=utf-8");
  EXPECT_EQ(*script.body, "as it is");
  EXPECT_EQ(*script.br, "in br");
  EXPECT_EQ(*script.gzip, "in gzip");
  const net::page& icon = read->files.at("/parts/icon.svg");
  EXPECT_EQ(*icon.body, "<svg/>");
  EXPECT_FALSE(icon.br || icon.gzip);
  EXPECT_EQ(read->staff.fill({}), "<title>staff</title>");
}

TEST(pages, have_the_type_of_their_ending) {
  support::files content = small_pages();
  for (const char* name : {"a.css", "a.wasm", "a.png", "a.json", "a.min.txt"}) content[name] = std::string("\0x", 2);
  const auto read = load(content);
  ASSERT_TRUE(read) << read.error();
  const auto type = [&](const char* path) { return read->files.at(path).type; };
  EXPECT_EQ(type("/a.css"), "text/css; charset=utf-8");
  EXPECT_EQ(type("/a.wasm"), "application/wasm");
  EXPECT_EQ(type("/a.png"), "image/png");
  EXPECT_EQ(type("/a.json"), "application/json");
  EXPECT_EQ(type("/a.min.txt"), "text/plain; charset=utf-8");
  EXPECT_EQ(type("/parts/icon.svg"), "image/svg+xml");
  EXPECT_EQ(read->files.at("/a.wasm").body->size(), 2u);
}

TEST(pages, that_are_not_built_are_missed_with_how_to_build_them) {
  const support::temporary_folder place;
  const auto nowhere = load_pages(place / "pages");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error(),
            (place / "pages").string() + ": is no folder; client-web/build makes the pages, in build/pages");
  for (const char* name : {"front.html", "staff.html"}) {
    support::files content = small_pages();
    content.erase(name);
    const auto refused = load(content);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(), HasSubstr(": holds no " + std::string(name) + "; client-web/build makes"));
  }
}

TEST(pages, are_refused_for_a_file_that_could_not_be_served) {
  const auto refusal = [](const char* name) {
    support::files content = small_pages();
    content[name] = "x";
    const auto read = load(content);
    return read ? "" : read.error().substr(read.error().rfind('/'));
  };
  EXPECT_THAT(refusal("page.map"), StartsWith("/page.map: cannot be served; no type is known"));
  EXPECT_THAT(refusal("parts/.hidden"), StartsWith("/.hidden: cannot be served"));
  EXPECT_THAT(refusal("LICENSE"), StartsWith("/LICENSE: cannot be served"));
  EXPECT_THAT(refusal("other.html"), StartsWith("/other.html: is no page; the pages are front.html and staff.html"));
  EXPECT_THAT(refusal("parts/front.html"), StartsWith("/front.html: is no page"));
  EXPECT_THAT(refusal("gone.js.br"), StartsWith("/gone.js.br: compresses no file"));
  EXPECT_THAT(refusal("page.js.br.gz"), StartsWith("/page.js.br.gz: compresses no file"));
  EXPECT_THAT(refusal("front.html.gz"), StartsWith("/front.html.gz: compresses no file"));
}

TEST(pages, are_refused_for_a_link_wherever_it_leads) {
  for (const char* target : {"page.js", "/etc", "/nonexistent"}) {
    const support::temporary_folder place;
    support::write_pages(place.path(), small_pages());
    std::filesystem::create_symlink(target, place / "link.js");
    const auto read = load_pages(place.path());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), (place / "link.js").string() + ": is neither a file nor a folder; pages are files");
  }
}

TEST(pages, are_bounded_in_all) {
  const support::temporary_folder place;
  support::write_pages(place.path(), small_pages());
  support::write_pages(place.path(), {{"a.txt", ""}, {"b.txt", ""}});
  std::filesystem::resize_file(place / "a.txt", pages_bytes_max / 2);
  EXPECT_TRUE(load_pages(place.path()));
  std::filesystem::resize_file(place / "b.txt", pages_bytes_max / 2);
  const auto read = load_pages(place.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), place.path().string() + ": holds more than the 16 MiB that pages may have");
}

TEST(pages, with_a_placeholder_that_stands_for_nothing_are_refused) {
  for (const char* wrong :
       {"{{name}}", "{{ root }}", "{{}}", "{{root}", "{{root", "{{", "{{{root}}}", "{{{{root}}}}"}) {
    support::files content = small_pages();
    content["staff.html"] = "<p>{{desk}}</p>" + std::string(wrong);
    const auto read = load(content);
    ASSERT_FALSE(read) << wrong;
    EXPECT_THAT(read.error(), HasSubstr("/staff.html: " + std::string(wrong).substr(0, 3)));
    EXPECT_THAT(read.error(),
                HasSubstr("stands for nothing; what is filled in is {{root}}, {{desk}}, {{exit}}, {{signed}} and "));
  }
}

TEST(templates, are_filled_with_escaped_values_that_are_not_read_again) {
  const auto read = html_template::read("a {{exit}}{{root}} {{desk}} {{sections}} {{signed}} {{root}} z } }}");
  ASSERT_TRUE(read);
  const page_values values{.root = "{{desk}}",
                           .desk = "d",
                           .exit = "<&>\"'",
                           .signed_files = "aQ== ag==",
                           .sections = "<h1>{{exit}}</h1>"};
  EXPECT_EQ(read->fill(values), "a &lt;&amp;&gt;&quot;&#39;{{desk}} d <h1>{{exit}}</h1> aQ== ag== {{desk}} z } }}");
  EXPECT_EQ(html_template::read("")->fill({}), "");
}

}  // namespace
}  // namespace tomoshibi
