// The command line. Each subcommand reads what it needs, calls one function, and says in a sentence what went wrong.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "server/drill/drill.hpp"
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
  CLI::App* drill_command = app.add_subcommand(
      "drill", "Hold consultations with a running server, on the drill desk, and check every text from end to end.");
  drill_command->add_option("--url", drilling.url, "wss://host[:port][/socket]")->required();
  drill_command->add_option("--centre", drilling.centre, "The centre's folder")
      ->required()
      ->check(CLI::ExistingDirectory);
  drill_command->add_option("--survivors", drilling.survivors, "How many conversations")
      ->check(CLI::Range(1, 10'000));
  CLI::Option* counselors_option =
      drill_command->add_option("--counselors", drilling.counselors, "How many drill certificates to use")
          ->check(CLI::Range(std::size_t{1}, drill_members));
  drill_command
      ->add_option("--staff", drilling.staff, "On the centre's own desk instead, with these demo members of staff")
      ->delimiter(',')
      ->excludes(counselors_option);
  drill_command->add_option("--messages", drilling.messages, "Said by each side of each conversation")
      ->check(CLI::Range(1, 10'000));
  drill_command->add_flag("--json", drilling.json, "Print one JSON object");

  CLI11_PARSE(app, argc, argv);
  if (*init_command) return init(making);
  if (*drill_command) return drill_centre(drilling);
  serving.of.base = served;
  serving.pages = pages;
  if (!listen.empty()) serving.listen = listen;
  if (*port_option) serving.port = port;
  if (!port_file.empty()) serving.port_file = port_file;
  if (auto done = serve(serving); !done) return refuse(done.error());
  return 0;
}
