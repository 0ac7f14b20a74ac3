// A folder of pages, as small as serve takes it.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace tomoshibi::support {

using files = std::map<std::string, std::string>;  // by path in the folder

inline files small_pages() {
  return {
      {"front.html", "<body data-root=\"{{root}}\" data-desk=\"{{desk}}\"><a href=\"{{exit}}\">x</a>{{sections}}"},
      {"staff.html", "<title>staff</title>"},
      {"page.js", "as it is"},
      {"page.js.br", "in br"},
      {"page.js.gz", "in gzip"},
      {"parts/icon.svg", "<svg/>"}};
}

inline void write_pages(const std::filesystem::path& at, const files& content) {
  for (const auto& [path, text] : content) {
    std::filesystem::create_directories((at / path).parent_path());
    std::ofstream(at / path, std::ios::binary) << text;
  }
}

}  // namespace tomoshibi::support
