// The command line of `tomoshibi drill`: what it takes, and what it prints.
#pragma once

#include <CLI/App.hpp>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "server/drill/course.hpp"

namespace tomoshibi {

struct drill_options {
  std::string url, centre;
  std::vector<std::string> staff;
  std::size_t survivors = 1, counselors = 1, messages = 10;
  std::optional<double> rate;
  drill::mishap_counts mishaps;
  bool json = false;
};

// `into` lives as long as `app`.
CLI::App* add_drill_command(CLI::App& app, drill_options& into);

// Whether all went as it should; the outcome is printed. The error is a sentence: there was no drill.
std::expected<bool, std::string> drill_centre(const drill_options& wanted);

}  // namespace tomoshibi
