#include "server/staff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "crypto/letter.hpp"
#include "server/command/command.hpp"
#include "server/config/config.hpp"
#include "server/expiry.hpp"

namespace tomoshibi::command {
namespace {

struct options {
  std::string centre, keys, id;
  new_member who;
  std::string out;
  bool json = false, on = false, off = false;
};

const std::map<std::string, crypto::role> roles{{"counselor", crypto::role::counselor},
                                                {"supervisor", crypto::role::supervisor}};

std::string name(crypto::role role) {
  for (const auto& [text, one] : roles)
    if (one == role) return text;
  return "other";
}

// Signs with the issuer's key what `work` asks for, and hands it to a server that runs.
int sign(const options& wanted, const std::function<file_result<void>(const folder&, const issuing&)>& work) {
  const folder of{wanted.centre};
  const key_folder keys{wanted.keys.empty() ? of.base : std::filesystem::path(wanted.keys)};
  crypto::system_random random;
  const auto alone = hold_folder(of);
  if (!alone) return refuse(alone.error());
  const std::function<void(std::string_view)> note = [](std::string_view what) { fmt::print("{}\n", what); };
  const auto signs = issuing::begin(of, keys, machine_clock(), random, note);
  if (!signs) return refuse(signs.error());
  if (auto done = work(of, *signs); !done) return refuse(done.error());
  return tell_server(of) ? 0 : 1;
}

int add(const options& wanted) {
  new_member who = wanted.who;
  who.id = wanted.id;
  who.out = wanted.out;
  return sign(wanted, [&](const folder& of, const issuing& signs) {
    crypto::system_random random;
    return add_member(of, signs, who, crypto::vault_cost, random, [&](std::string_view passphrase) {
      fmt::print(
          "Made {} for {} ({}).\n\nIts passphrase, shown this once and kept nowhere:\n\n  {}\n\nGive file and "
          "passphrase to them on separate ways.\n\n",
          (who.out / (who.id + ".key")).string(), who.alias, who.id, passphrase);
      std::fflush(stdout);
    });
  });
}

int renew(const options& wanted) {
  return sign(wanted, [&](const folder& of, const issuing& signs) { return renew_members(of, signs, wanted.id); });
}

// Whether the desk of this member still takes letters, for nobody else would notice until one cannot be written.
file_result<void> tell_readers(const folder& of, const issuing& signs, std::string_view id) {
  const auto all = read_members(of, signs.by().issuers);
  if (!all) return std::unexpected(all.error());
  const auto whose = std::ranges::find(*all, id, &member::id);
  if (whose == all->end()) return {};
  const auto readers = static_cast<std::size_t>(std::ranges::count_if(*all, [&](const member& one) {
    return one.reads_letters && !one.disabled && one.newest.desk == whose->newest.desk;
  }));
  if (readers < crypto::letter_readers_least)
    fmt::print(
        "{} at this desk read letters now, and it takes none with fewer than {}: 'tomoshibi staff letters --on' adds "
        "somebody.\n",
        readers, crypto::letter_readers_least);
  return {};
}

int set_letters(const options& wanted) {
  return sign(wanted, [&](const folder& of, const issuing& signs) -> file_result<void> {
    if (auto done = set_reads_letters(of, signs, wanted.id, wanted.on); !done) return done;
    if (wanted.on)
      fmt::print("{} reads letters from their next sign-in on, when their console makes the keys.\n", wanted.id);
    return tell_readers(of, signs, wanted.id);
  });
}

int disable(const options& wanted) {
  return sign(wanted, [&](const folder& of, const issuing& signs) -> file_result<void> {
    if (auto done = disable_member(of, signs, wanted.id); !done) return done;
    fmt::print(
        "{} is disabled. To somebody who sees this centre for the first time, a hostile server could still show the "
        "roster before, until it expires; 'tomoshibi init' with the root key ends that, too.\n",
        wanted.id);
    return std::filesystem::exists(of.reads_letters(wanted.id)) ? tell_readers(of, signs, wanted.id)
                                                                : file_result<void>{};
  });
}

int list(const options& wanted) {
  const folder of{wanted.centre};
  const auto settings = config::load_config(of.config());
  if (!settings) return refuse(fmt::format("{}", fmt::join(settings.error(), "\n")));
  const auto by = read_authority(of);
  if (!by) return refuse(by.error());
  const auto all = read_members(of, by->issuers);
  if (!all) return refuse(all.error());
  const crypto::centre_file& centre = by->centre;
  const crypto::seconds now = machine_clock() + crypto::seconds{centre.clock_shift_hours} * 3600;
  auto lines = nlohmann::ordered_json::array();
  for (const member& one : *all) {
    std::string desk = "?";
    for (const auto& each : centre.desks)
      if (crypto::make_desk_id(centre.centre, each.name) == one.newest.desk) desk = each.name;
    const crypto::seconds left = one.newest.not_after > now ? one.newest.not_after - now : 0;
    const char* state = one.disabled                    ? "disabled"
                        : left == 0                     ? "expired"
                        : left < expiry_warning_seconds ? "expires soon"
                                                        : "good";
    lines.push_back({{"id", one.id},
                     {"alias", one.newest.alias},
                     {"desk", desk},
                     {"role", name(one.newest.holder)},
                     {"state", state},
                     {"reads_letters", one.reads_letters && !one.disabled},
                     {"until", desk::iso_time(one.newest.not_after, settings->time_zone)}});
  }
  if (wanted.json) {
    fmt::print("{}\n", lines.dump());
    return 0;
  }
  if (lines.empty()) fmt::print("Nobody yet: 'tomoshibi staff add' enrols them.\n");
  for (const auto& one : lines)
    fmt::print("{:<14} {:<12} {:<12} {:<13} until {}  {:<7}  {}\n", one["id"].get<std::string>(),
               one["role"].get<std::string>(), one["desk"].get<std::string>(), one["state"].get<std::string>(),
               one["until"].get<std::string>().substr(0, 10), one["reads_letters"].get<bool>() ? "letters" : "",
               one["alias"].get<std::string>());
  return 0;
}

CLI::App* add_action(CLI::App& staff, options& wanted, const char* name, const char* what) {
  CLI::App* at = staff.add_subcommand(name, what);
  at->add_option("--centre", wanted.centre, "The centre's folder")->required()->check(CLI::ExistingDirectory);
  return at;
}

}  // namespace

void add_staff(CLI::App& program, int& status) {
  auto wanted = std::make_shared<options>();
  CLI::App* staff = program.add_subcommand("staff", "Enrol, renew, disable and list the members of staff.");
  staff->require_subcommand(1);
  const auto with_keys = [&](CLI::App* at) {
    at->add_option("--keys", wanted->keys,
                   "The folder of the issuer's key, on its own disk; else the centre's folder");
    return at;
  };

  CLI::App* adding =
      with_keys(add_action(*staff, *wanted, "add", "Make a member's key file, and put them into the roster."));
  adding->add_option("--id", wanted->id, "How commands call them: lower-case letters, digits, hyphens")->required();
  adding->add_option("--alias", wanted->who.alias, "The pseudonym that survivors see: never a real name")->required();
  adding->add_option("--desk", wanted->who.desk, "The desk that they serve, by its id")->required();
  adding->add_option("--role", wanted->who.role, "counselor or supervisor")
      ->transform(CLI::CheckedTransformer(roles));
  adding->add_flag("--reads-letters", wanted->who.reads_letters,
                   "Letters are sealed to them, to be read in hours; a centre that takes letters has two or more");
  adding->add_option("--out", wanted->out, "The folder that receives ID.key, best on a disk that they take along")
      ->required();
  adding->callback([wanted, &status] { status = add(*wanted); });

  CLI::App* renewing = with_keys(add_action(
      *staff, *wanted, "renew", "Renew the certificates that expire within 14 days, and the roster if it does."));
  renewing->add_option("--id", wanted->id, "Also this member's, before it is due");
  renewing->callback([wanted, &status] { status = renew(*wanted); });

  CLI::App* lettering =
      with_keys(add_action(*staff, *wanted, "letters", "Have a member read letters from now on, or no more."));
  lettering->add_option("--id", wanted->id, "The member")->required();
  CLI::Option_group* const which = lettering->add_option_group("which");
  which->require_option(1);
  which->add_flag("--on", wanted->on, "Letters are sealed to them too");
  which->add_flag("--off", wanted->off, "No more, and their public keys are erased");
  lettering->callback([wanted, &status] { status = set_letters(*wanted); });

  CLI::App* disabling = with_keys(
      add_action(*staff, *wanted, "disable", "Refuse a member from now on, and end what their console is doing."));
  disabling->add_option("--id", wanted->id, "The member")->required();
  disabling->callback([wanted, &status] { status = disable(*wanted); });

  CLI::App* listing = add_action(*staff, *wanted, "list", "Show who belongs to the centre, and until when.");
  listing->add_flag("--json", wanted->json, "Print one JSON array");
  listing->callback([wanted, &status] { status = list(*wanted); });
}

}  // namespace tomoshibi::command
