#include <fmt/format.h>

#include <memory>

#include "server/command/command.hpp"
#include "server/control.hpp"
#include "server/status.hpp"

namespace tomoshibi::command {
namespace {

constexpr int not_running_status = 3;  // as systemctl has it

struct options {
  std::string centre;
  bool json = false;
};

int show(const options& wanted) {
  const folder of{wanted.centre};
  const auto said = ask_server(of, "status");
  if (!said) return refuse(said.error());
  std::string line;
  if (*said) {
    line = **said;
  } else {
    const auto read = read_status(of, machine_clock());
    if (!read) return refuse(read.error());
    line = to_json(*read);
  }
  try {
    fmt::print("{}", wanted.json ? line + "\n" : to_text(line));
  } catch (const std::exception&) {  // it runs another version of the program than this one
    fmt::print("{}\n", line);
  }
  return *said ? 0 : not_running_status;
}

}  // namespace

void add_status(CLI::App& program, int& status) {
  auto wanted = std::make_shared<options>();
  CLI::App* at = program.add_subcommand(
      "status",
      "Say how a centre is: open or closed and why, on duty, line, chats, store, what expires. 3: it does not run.");
  at->add_option("--centre", wanted->centre, "The centre's folder")->required()->check(CLI::ExistingDirectory);
  at->add_flag("--json", wanted->json, "Print one JSON object");
  at->callback([wanted, &status] { status = show(*wanted); });
}

}  // namespace tomoshibi::command
