// The built pages, read into memory at the start: what browsers are given does not change while the server runs.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "server/folder.hpp"
#include "server/html.hpp"
#include "server/net/page.hpp"

namespace tomoshibi {

inline constexpr std::size_t pages_bytes_max = 16 << 20;

struct pages {
  std::map<std::string, net::page, std::less<>> files;  // by their paths: "/parts/page.js"
  html_template front, staff;                           // front.html and staff.html
};

// Every file of the folder and of those in it. X.br and X.gz are X, compressed.
file_result<pages> load_pages(const std::filesystem::path& from);

}  // namespace tomoshibi
