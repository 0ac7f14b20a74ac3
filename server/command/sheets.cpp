#include "server/sheets.hpp"

#include <fmt/format.h>

#include <memory>

#include "server/command/command.hpp"
#include "server/config/config.hpp"

namespace tomoshibi::command {
namespace {

struct options {
  std::string centre, keys, out;
  std::vector<std::string> sheets;
};

int make(const options& wanted) {
  const folder of{wanted.centre};
  const key_folder keys{wanted.keys.empty() ? of.base : std::filesystem::path(wanted.keys)};
  const auto settings = config::load_config(of.config());
  if (!settings) return refuse(fmt::format("{}", fmt::join(settings.error(), "\n")));
  const std::string mark = settings->demo ? " (demo)" : "";
  const sheet_title title{settings->name.at("ja") + mark, settings->name.at("en") + mark,
                          desk::iso_time(machine_clock(), settings->time_zone).substr(0, 10)};
  crypto::system_random random;
  if (auto done = write_sheets(of, keys, wanted.out, title, random); !done) return refuse(done.error());
  fmt::print(
      "Made sheet-1.txt, sheet-2.txt and sheet-3.txt in {}. Print each on paper of its own, on a printer that keeps "
      "nothing, and erase the files: any two of them are the root key.\n",
      wanted.out);
  return 0;
}

int restore(const options& wanted) {
  const key_folder into{wanted.out};
  const auto fingerprint = restore_root(into, wanted.sheets.at(0), wanted.sheets.at(1));
  if (!fingerprint) return refuse(fingerprint.error());
  fmt::print(
      "Restored the root key with the fingerprint {} to {}. It is the right one if the sheets say the same. Erase "
      "the two files that were typed. If the issuer's key is lost, too: 'tomoshibi init --centre FOLDER --keys {} "
      "--new-issuer' makes another one.\n",
      to_hex(*fingerprint), into.root_seed().string(), wanted.out);
  return 0;
}

}  // namespace

void add_sheets(CLI::App& program, int& status) {
  auto wanted = std::make_shared<options>();
  CLI::App* sheets = program.add_subcommand("sheets", "The root key on three sheets of paper; any two give it back.");
  sheets->require_subcommand(1);

  CLI::App* making = sheets->add_subcommand("make", "Write the three sheets as text, a page each, to be printed.");
  making->add_option("--centre", wanted->centre, "The centre's folder")->required()->check(CLI::ExistingDirectory);
  making->add_option("--keys", wanted->keys, "The folder of the root key, on its own disk; else the centre's folder");
  making->add_option("--out", wanted->out, "The folder that receives the sheets, best on a disk of its own")
      ->required();
  making->callback([wanted, &status] { status = make(*wanted); });

  CLI::App* restoring = sheets->add_subcommand("restore", "Make the root key again from any two sheets.");
  restoring->add_option("--out", wanted->out, "The folder of keys that receives it, as 'init --keys' is given it")
      ->required();
  restoring->add_option("sheet", wanted->sheets, "Two files with the seven lines of a sheet each, typed or as made")
      ->required()
      ->expected(2)
      ->check(CLI::ExistingFile);
  restoring->callback([wanted, &status] { status = restore(*wanted); });
}

}  // namespace tomoshibi::command
