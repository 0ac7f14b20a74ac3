// A file of the tests, whole; empty if it is not there.
#pragma once

#include <string>

#ifndef __wasm__
#include <fstream>
#include <iterator>
#endif

namespace tomoshibi::support {

#ifdef __wasm__
std::string read_text(const std::string& path);  // tests/wasm/run_tests.cpp: no files there, Node hands it over
#else
inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
#endif

}  // namespace tomoshibi::support
