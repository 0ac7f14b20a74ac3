#include <fmt/format.h>

#include <memory>

#include "server/command/command.hpp"
#include "server/plan.hpp"

namespace tomoshibi::command {
namespace {

struct options {
  std::string config, out, keys, listen;
  bool new_issuer = false;
};

int init(const options& wanted) {
  const folder of{wanted.out};
  auto from = config::load_config(wanted.config);
  if (!from)
    return refuse(fmt::format("the configuration has to be mended first:\n{}", fmt::join(from.error(), "\n")));
  if (wanted.keys.empty() && !from->demo)
    return refuse(
        "a real centre's root and issuer keys do not lie beside its server: name the folder that is to receive them, "
        "on a disk of its own, with --keys, and take the disk out when this is done");
  const key_folder keys{wanted.keys.empty() ? of.base : std::filesystem::path(wanted.keys)};
  std::vector<std::string> names;
  if (!wanted.listen.empty()) names.push_back(wanted.listen);
  ceremony_plan plan = make_plan(*from, names);
  plan.new_issuer = wanted.new_issuer;
  crypto::system_random random;
  const auto note = [](std::string_view what) { fmt::print("{}\n", what); };
  try {
    if (auto held = hold_ceremony(of, keys, plan, machine_clock(), random, note); !held) return refuse(held.error());
  } catch (const std::runtime_error& failed) {  // OpenSSL's, in a sentence
    return refuse(failed.what());
  }
  // The folder stands alone from here on.
  const auto text = read_file(wanted.config);
  if (!text) return refuse(text.error());
  if (auto written = write_file(of.config(), *text, readers::everyone); !written) return refuse(written.error());
  return tell_server(of) ? 0 : 1;
}

}  // namespace

void add_init(CLI::App& program, int& status) {
  auto wanted = std::make_shared<options>();
  CLI::App* at = program.add_subcommand(
      "init",
      "Make a centre's folder: keys, signed files, certificates. What is there is kept, what expires is renewed.");
  at->add_option("--config", wanted->config, "The centre's configuration (TOML)")
      ->required()
      ->check(CLI::ExistingFile);
  at->add_option("--out", wanted->out, "The folder to make or renew")->required();
  at->add_option("--keys", wanted->keys,
                 "The folder of the root and issuer keys, on a disk of its own; a demo's may lie in its own folder");
  at->add_option("--listen", wanted->listen,
                 "One more address that the TLS certificate is to name, for a phone in the same network");
  at->add_flag("--new-issuer", wanted->new_issuer,
               "Another issuer's key at once: it was stolen, or is lost. Members keep their key files");
  at->callback([wanted, &status] { status = init(*wanted); });
}

}  // namespace tomoshibi::command
