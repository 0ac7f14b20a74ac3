#include "server/drill/drill.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/command/command.hpp"
#include "server/issuing.hpp"

namespace tomoshibi::command {
namespace {

struct drill_options {
  std::string url, centre;
  std::vector<std::string> staff;
  std::size_t survivors = 1, counselors = 1, messages = 10;
  bool json = false;
};

std::expected<std::vector<crypto::identity>, std::string> gather_counselors(const folder& of,
                                                                            const drill_options& wanted) {
  if (wanted.staff.empty()) {
    auto members = read_drill_members(of);
    if (members) members->resize(std::min(members->size(), wanted.counselors));
    return members;
  }
  std::vector<crypto::identity> out;
  for (const std::string& id : wanted.staff) {
    auto who = unlock_demo_staff(of, id);
    if (!who) return std::unexpected(who.error());
    out.push_back(*std::move(who));
  }
  return out;
}

// The name of the desk that these counselors' certificates belong to.
std::expected<std::string, std::string> desk_of(const crypto::trust& believed, const crypto::identity& who) {
  const auto fields = crypto::open_certificate(who.certificate, believed.issued_by.key);
  if (!fields) return std::unexpected("a certificate is not of this centre's issuer; 'tomoshibi init' renews it");
  for (const auto& desk : believed.centre.desks)
    if (crypto::make_desk_id(believed.centre.centre, desk.name) == fields->desk) return desk.name;
  return std::unexpected("a certificate belongs to no desk of this centre");
}

std::string to_json(const drill::report& made, const drill::settings& held) {
  const drill::totals& texts = made.texts;
  return nlohmann::ordered_json{{"sent", texts.sent},
                                {"delivered", texts.delivered},
                                {"lost", texts.lost},
                                {"duplicated", texts.duplicated},
                                {"reordered", texts.reordered},
                                {"altered", texts.altered},
                                {"conversations", made.conversations},
                                {"survivors", held.survivors},
                                {"counselors", held.counselors.size()},
                                {"seconds", std::round(made.seconds * 1000) / 1000},
                                {"trouble", made.trouble}}
      .dump();
}

int drill_centre(const drill_options& wanted) {
  const folder of{wanted.centre};
  auto where = drill::parse_url(wanted.url);
  if (!where) return refuse(where.error());
  where->pinned_file = of.tls_certificate();
  where->subprotocol = wire::subprotocol;
  auto shown = read_trust(of, machine_clock());
  if (!shown) return refuse(shown.error());
  auto counselors = gather_counselors(of, wanted);
  if (!counselors) return refuse(counselors.error());

  drill::settings held;
  held.where = *where;
  held.root_fingerprint = crypto::sha256(shown->trust.centre.root);
  held.counselors = *std::move(counselors);
  held.survivors = wanted.survivors;
  held.messages = wanted.messages;
  if (!wanted.staff.empty()) {
    const auto desk = desk_of(shown->trust, held.counselors.front());
    if (!desk) return refuse(desk.error());
    held.on_drill_desk = false;
    held.desk = *desk;
  }
  crypto::system_random random;
  const drill::report made = drill::run(held, random);
  if (!made.trouble.empty()) fmt::print(stderr, "tomoshibi: {}\n", made.trouble);
  if (wanted.json) {
    fmt::print("{}\n", to_json(made, held));
  } else {
    const drill::totals& texts = made.texts;
    fmt::print(
        "{} conversations in {:.1f} s: {} texts sent, {} delivered, {} lost, {} duplicated, {} reordered, {} "
        "altered.\n",
        made.conversations, made.seconds, texts.sent, texts.delivered, texts.lost, texts.duplicated, texts.reordered,
        texts.altered);
  }
  return made.clean() ? 0 : 1;
}

}  // namespace

void add_drill(CLI::App& program, int& status) {
  auto wanted = std::make_shared<drill_options>();
  CLI::App* at = program.add_subcommand(
      "drill", "Hold consultations with a running server, on the drill desk, and check every text from end to end.");
  at->add_option("--url", wanted->url, "wss://host[:port][/socket]")->required();
  at->add_option("--centre", wanted->centre, "The centre's folder")->required()->check(CLI::ExistingDirectory);
  at->add_option("--survivors", wanted->survivors, "How many conversations")->check(CLI::Range(1, 10'000));
  CLI::Option* counselors_option =
      at->add_option("--counselors", wanted->counselors, "How many drill certificates to use")
          ->check(CLI::Range(std::size_t{1}, drill_members));
  at->add_option("--staff", wanted->staff, "On the centre's own desk instead, with these demo members of staff")
      ->delimiter(',')
      ->excludes(counselors_option);
  at->add_option("--messages", wanted->messages, "Said by each side of each conversation")
      ->check(CLI::Range(1, 10'000));
  at->add_flag("--json", wanted->json, "Print one JSON object");
  at->callback([wanted, &status] { status = drill_centre(*wanted); });
}

}  // namespace tomoshibi::command
