#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <map>
#include <memory>

#include "server/command/command.hpp"
#include "server/log.hpp"
#include "server/serve.hpp"

namespace tomoshibi::command {
namespace {

struct options {
  serve_settings serving;
  std::string centre, pages, listen, port_file;
  std::uint16_t port = 0;
  log_form log = usual_log_form();
};

int run(options& wanted, bool with_port) {
  start_log(wanted.log);
  serve_settings& serving = wanted.serving;
  serving.of.base = wanted.centre;
  serving.pages = wanted.pages;
  if (!wanted.listen.empty()) serving.listen = wanted.listen;
  if (with_port) serving.port = wanted.port;
  if (!wanted.port_file.empty()) serving.port_file = wanted.port_file;
  if (auto done = serve(serving); !done) {
    spdlog::critical("{}", done.error());
    return 2;
  }
  return 0;
}

}  // namespace

void add_serve(CLI::App& program, int& status) {
  auto wanted = std::make_shared<options>();
  CLI::App* at = program.add_subcommand("serve", "Run a centre until SIGTERM.");
  at->add_option("--centre", wanted->centre, "The centre's folder, made by init")
      ->required()
      ->check(CLI::ExistingDirectory);
  at->add_option("--pages", wanted->pages, "The folder of built pages, made by client-web/build")->required();
  CLI::Option* port = at->add_option("--port", wanted->port, "Else the configuration's; 0: any free one");
  at->add_option("--listen", wanted->listen, "One more address to listen on; init must have named it too");
  at->add_option("--port-file", wanted->port_file, "Receives the port once the server listens");
  at->add_option("--log", wanted->log, "json: one object a line, for a journal; plain: for a person. Else what fits")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, log_form>{{"json", log_form::json}, {"plain", log_form::plain}}));
  at->callback([wanted, port, &status] { status = run(*wanted, static_cast<bool>(*port)); });
}

}  // namespace tomoshibi::command
