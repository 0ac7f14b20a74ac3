#include "server/command/command.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/control.hpp"

namespace tomoshibi::command {

int refuse(std::string_view why) {
  fmt::print(stderr, "tomoshibi: {}\n", why);
  return 2;
}

bool tell_server(const folder& of) {
  const auto said = ask_server(of, "reload");
  if (!said) return refuse(said.error()), false;
  if (!*said) return true;  // none runs: it takes them when it starts
  const auto answer = nlohmann::json::parse(**said, nullptr, false);
  if (!answer.is_object() || !answer.contains("roster"))
    return refuse("the running server goes on with what it had: " +
                  (answer.is_object() ? answer.value("error", **said) : **said)),
           false;
  fmt::print("The running server has taken roster {}.\n", answer.at("roster").get<std::uint64_t>());
  return true;
}

}  // namespace tomoshibi::command
