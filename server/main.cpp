// The command line. Each subcommand reads what it needs, calls one function, and says in a sentence what went wrong.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "server/drill_command.hpp"
#include "server/plan.hpp"
#include "server/serve.hpp"

namespace {

using namespace tomoshibi;

// Bad input, or a state of the machine that must be mended first.
int refuse(std::string_view why) {
  fmt::print(stderr, "tomoshibi: {}\n", why);
  return 2;
}

struct init_options {
  std::string config, out, listen;
};

int init(const init_options& wanted) {
  const folder of{wanted.out};
  auto from = config::load_config(wanted.config);
  if (!from)
    return refuse(fmt::format("the configuration has to be mended first:\n{}", fmt::join(from.error(), "\n")));
  std::vector<std::string> names;
  if (!wanted.listen.empty()) names.push_back(wanted.listen);
  crypto::system_random random;
  const auto note = [](std::string_view what) { fmt::print("{}\n", what); };
  try {
    if (auto held = hold_ceremony(of, make_plan(*from, names), machine_clock(), random, note); !held)
      return refuse(held.error());
  } catch (const std::runtime_error& failed) {  // OpenSSL's, in a sentence
    return refuse(failed.what());
  }
  // The folder stands alone from here on.
  const auto text = read_file(wanted.config);
  if (!text) return refuse(text.error());
  if (auto written = write_file(of.config(), *text, readers::everyone); !written) return refuse(written.error());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A secure, anonymous consultation chat server.", "tomoshibi");
  app.require_subcommand(1);

  init_options making;
  CLI::App* init_command = app.add_subcommand(
      "init",
      "Make a centre's folder: keys, signed files, certificates. What is there is kept, what expires is renewed.");
  init_command->add_option("--config", making.config, "The centre's configuration (TOML)")
      ->required()
      ->check(CLI::ExistingFile);
  init_command->add_option("--out", making.out, "The folder to make or renew")->required();
  init_command->add_option("--listen", making.listen,
                           "One more address that the TLS certificate is to name, for a phone in the same network");

  serve_settings serving;
  std::string served, pages, listen, port_file;
  std::uint16_t port = 0;
  CLI::App* serve_command = app.add_subcommand("serve", "Run a centre until SIGTERM.");
  serve_command->add_option("--centre", served, "The centre's folder, made by init")
      ->required()
      ->check(CLI::ExistingDirectory);
  serve_command->add_option("--pages", pages, "The folder of built pages, made by client-web/build")->required();
  CLI::Option* port_option = serve_command->add_option("--port", port, "Else the configuration's; 0: any free one");
  serve_command->add_option("--listen", listen, "One more address to listen on; init must have named it too");
  serve_command->add_option("--port-file", port_file, "Receives the port once the server listens");

  drill_options drilling;
  CLI::App* drill_command = add_drill_command(app, drilling);

  CLI11_PARSE(app, argc, argv);
  if (*init_command) return init(making);
  if (*drill_command) {
    const auto clean = drill_centre(drilling);
    if (!clean) return refuse(clean.error());
    return *clean ? 0 : 1;
  }
  serving.of.base = served;
  serving.pages = pages;
  if (!listen.empty()) serving.listen = listen;
  if (*port_option) serving.port = port;
  if (!port_file.empty()) serving.port_file = port_file;
  if (auto done = serve(serving); !done) return refuse(done.error());
  return 0;
}
