#include "server/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace tomoshibi {
namespace {

class json_lines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& from, spdlog::memory_buf_t& to) override {
    const auto whole = std::chrono::floor<std::chrono::milliseconds>(from.time);
    const auto milliseconds = whole.time_since_epoch().count() % 1000;
    const auto level = spdlog::level::to_string_view(from.level);
    const nlohmann::ordered_json line{
        {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                             milliseconds)},
        {"level", std::string(level.data(), level.size())},
        {"text", std::string(from.payload.data(), from.payload.size())}};
    // A byte that is no UTF-8, of an error of the system's, must not cost the line.
    const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<json_lines>(); }
};

}  // namespace

log_form usual_log_form() { return ::isatty(STDERR_FILENO) == 1 ? log_form::plain : log_form::json; }

void start_log(log_form form) {
  auto log = std::make_shared<spdlog::logger>("tomoshibi", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (form == log_form::json)
    log->set_formatter(std::make_unique<json_lines>());
  else
    log->set_pattern("%H:%M:%S %l: %v");
  spdlog::set_default_logger(std::move(log));
}

}  // namespace tomoshibi
