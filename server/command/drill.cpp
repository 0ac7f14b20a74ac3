#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/command/command.hpp"
#include "server/drill/drill.hpp"
#include "server/issuing.hpp"

namespace tomoshibi::command {
namespace {

struct options {
  std::string url, centre;
  std::vector<std::string> staff;
  std::size_t survivors = 1, counselors = 1, messages = 10;
  std::optional<double> rate;
  drill::mishap_counts mishaps;
  bool json = false;
};

using nlohmann::ordered_json;

std::expected<std::vector<crypto::identity>, std::string> gather_counselors(const folder& of, const options& wanted) {
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

std::expected<drill::settings, std::string> prepare(const options& wanted) {
  const folder of{wanted.centre};
  drill::settings held;
  auto where = drill::parse_url(wanted.url);
  if (!where) return std::unexpected(where.error());
  held.where = *std::move(where);
  held.where.pinned_file = of.tls_certificate();
  held.where.subprotocol = wire::subprotocol;
  const auto shown = read_trust(of, machine_clock());
  if (!shown) return std::unexpected(shown.error());
  held.root_fingerprint = crypto::sha256(shown->trust.centre.root);
  auto counselors = gather_counselors(of, wanted);
  if (!counselors) return std::unexpected(counselors.error());
  held.counselors = *std::move(counselors);
  if (!wanted.staff.empty()) {
    const auto desk = desk_of(shown->trust, held.counselors.front());
    if (!desk) return std::unexpected(desk.error());
    held.on_drill_desk = false;
    held.desk = *desk;
  }
  if (wanted.mishaps.exits > wanted.survivors)
    return std::unexpected(fmt::format("{} survivors cannot leave by exit {} times: give fewer --exits",
                                       wanted.survivors, wanted.mishaps.exits));
  held.survivors = wanted.survivors;
  held.messages = wanted.messages;
  held.rate = wanted.rate;
  held.wanted_mishaps = wanted.mishaps;
  return held;
}

double to_three_digits(double value) { return std::round(value * 1000) / 1000; }

ordered_json to_json(const drill::spread& of) {
  return {{"count", of.count},
          {"p50", to_three_digits(of.p50)},
          {"p90", to_three_digits(of.p90)},
          {"p99", to_three_digits(of.p99)},
          {"max", to_three_digits(of.max)}};
}

// What the latencies count from is in their name, so that nobody compares the one with the other.
std::string to_json(const drill::report& made, const drill::settings& held) {
  const drill::totals& texts = made.texts;
  ordered_json out{{"sent", texts.sent},
                   {"delivered", texts.delivered},
                   {"lost", texts.lost},
                   {"forgotten", texts.forgotten},
                   {"duplicated", texts.duplicated},
                   {"reordered", texts.reordered},
                   {"altered", texts.altered},
                   {"conversations", made.conversations},
                   {"survivors", held.survivors},
                   {"counselors", held.counselors.size()},
                   {"seconds", to_three_digits(made.seconds)},
                   {"reloads", made.mishaps.reloads},
                   {"cuts", made.mishaps.cuts},
                   {"exits", made.mishaps.exits},
                   {"taken_for_new", made.taken_for_new},
                   {"reconnects", made.reconnects},
                   {"resent", made.resent}};
  if (held.rate) out["rate"] = *held.rate;
  out[held.rate ? "ms_since_intended" : "ms_since_said"] = {{"read", to_json(made.until_read)},
                                                            {"confirmed", to_json(made.until_delivered)}};
  out["trouble"] = made.trouble;
  return out.dump();
}

std::string to_line(const char* what, const drill::spread& of) {
  return fmt::format("  {}: p50 {:.1f} ms, p90 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms\n", what, of.p50, of.p90,
                     of.p99, of.max);
}

std::string to_words(const drill::report& made, const drill::settings& held) {
  const drill::totals& texts = made.texts;
  std::string out = fmt::format(
      "{} conversations in {:.1f} s: {} texts sent, {} delivered, {} lost, {} forgotten, {} duplicated, {} "
      "reordered, "
      "{} altered.\n",
      made.conversations, made.seconds, texts.sent, texts.delivered, texts.lost, texts.forgotten, texts.duplicated,
      texts.reordered, texts.altered);
  out += fmt::format(
      "{} reloads, {} cuts, {} exits; {} taken for somebody new; {} reconnects, {} frames sent again.\n",
      made.mishaps.reloads, made.mishaps.cuts, made.mishaps.exits, made.taken_for_new, made.reconnects, made.resent);
  out += held.rate ? fmt::format("From when a text was due, at {} texts per second (open loop):\n", *held.rate)
                   : "From when a text was said (closed loop: a slow server is also asked less):\n";
  return out + to_line("until the peer had read it  ", made.until_read) +
         to_line("until its sender knew of that", made.until_delivered);
}

int run(const options& wanted) {
  const auto held = prepare(wanted);
  if (!held) return refuse(held.error());
  crypto::system_random random;
  const drill::report made = drill::run(*held, random);
  if (!made.trouble.empty()) fmt::print(stderr, "tomoshibi: {}\n", made.trouble);
  fmt::print("{}", wanted.json ? to_json(made, *held) + "\n" : to_words(made, *held));
  return made.clean() ? 0 : 1;
}

}  // namespace

void add_drill(CLI::App& program, int& status) {
  auto wanted = std::make_shared<options>();
  CLI::App* at = program.add_subcommand(
      "drill", "Hold consultations with a running server, on the drill desk, and check every text from end to end.");
  at->add_option("--url", wanted->url, "wss://host[:port][/socket]")->required();
  at->add_option("--centre", wanted->centre, "The centre's folder")->required()->check(CLI::ExistingDirectory);
  at->add_option("--survivors", wanted->survivors, "How many conversations")->check(CLI::Range(1, 10'000));
  CLI::Option* counselors = at->add_option("--counselors", wanted->counselors, "How many drill certificates to use")
                                ->check(CLI::Range(std::size_t{1}, drill_members));
  at->add_option("--staff", wanted->staff, "On the centre's own desk instead, with these demo members of staff")
      ->delimiter(',')
      ->excludes(counselors);
  at->add_option("--messages", wanted->messages, "Said by each side of each conversation")
      ->check(CLI::Range(1, 10'000));
  at->add_option("--rate", wanted->rate,
                 "Texts per second over all conversations, whether or not those before have come back; latencies "
                 "count from when a text was due")
      ->check(CLI::Range(0.01, 100'000.0));
  const auto times = CLI::Range(0, 10'000);
  at->add_option("--reloads", wanted->mishaps.reloads, "So many times a page is loaded again")->check(times);
  at->add_option("--cuts", wanted->mishaps.cuts, "So many times a network is gone without a word")->check(times);
  at->add_option("--exits", wanted->mishaps.exits, "So many survivors leave by exit in mid-talk")->check(times);
  at->add_flag("--json", wanted->json, "Print one JSON object");
  at->callback([wanted, &status] { status = run(*wanted); });
}

}  // namespace tomoshibi::command
