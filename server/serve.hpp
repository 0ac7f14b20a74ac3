// `tomoshibi serve`: builds the objects of a running centre and lets them go in order.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "server/config/config.hpp"
#include "server/folder.hpp"

namespace tomoshibi {

struct serve_settings {
  folder of;
  std::filesystem::path pages;                     // the built ones
  std::optional<std::string> listen;               // one more address than the loopback ones
  std::optional<std::uint16_t> port;               // else the configuration's; 0: any free one
  std::optional<std::filesystem::path> port_file;  // receives the port once the server listens
};

// Runs until SIGTERM or SIGINT. The error is a sentence: what is wrong, where, what to do.
file_result<void> serve(const serve_settings& wanted);

}  // namespace tomoshibi
