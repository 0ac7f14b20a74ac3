// The demo centre, served by the program itself from a temporary folder.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "server/ceremony.hpp"
#include "server/config/config.hpp"
#include "server/drill/drill.hpp"
#include "server/folder.hpp"
#include "server/plan.hpp"
#include "server/wire/codec.hpp"
#include "tests/server/program.hpp"
#include "tests/server/small_pages.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tomoshibi {

// With vaults that open fast, on a free port.
class live_centre {
 public:
  explicit live_centre(const std::function<void(config::centre_settings&, std::string&)>& change = {}) {
    std::string toml = support::contents_of(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
    auto settings = config::read_config(toml, "centre.toml");
    EXPECT_TRUE(settings);
    if (change) change(*settings, toml);
    ceremony_plan plan = make_plan(*settings, {});
    plan.vault_cost = {1, 8 << 10};
    crypto::system_random random;
    const auto held = hold_ceremony(of, keys, plan, machine_clock(), random, [](std::string_view) {});
    EXPECT_TRUE(held) << held.error();
    EXPECT_TRUE(write_file(of.config(), as_bytes(toml), readers::everyone));
    support::write_pages(pages(), support::small_pages());
    start();
  }

  void restart_on_the_same_port() { start(std::to_string(where.port)); }

  void start(const std::string& on_port = "0", const std::vector<std::string>& more = {}) {
    const auto port_file = place / "port";
    std::filesystem::remove(port_file);
    std::vector<std::string> arguments{"serve",  "--centre", of.base.string(), "--pages",         pages().string(),
                                       "--port", on_port,    "--port-file",    port_file.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server = std::make_unique<support::program>(arguments, log());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!std::filesystem::exists(port_file) && server->runs() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::string port = support::contents_of(port_file);
    ASSERT_FALSE(port.empty()) << server->said();
    where = *drill::parse_url("wss://localhost:" + port.substr(0, port.size() - 1));
    where.pinned_file = of.tls_certificate();
    where.subprotocol = wire::subprotocol;
  }
  std::filesystem::path log() const { return place / "log"; }
  std::filesystem::path pages() const { return place / "pages"; }

  drill::settings drill(std::size_t survivors, std::size_t counselors, std::size_t messages) const {
    drill::settings out;
    out.where = where;
    out.root_fingerprint = *read_fingerprint(of);
    out.counselors = *read_drill_members(of);
    out.counselors.resize(counselors);
    out.survivors = survivors;
    out.messages = messages;
    return out;
  }

  support::temporary_folder place;
  folder of{place / "centre"};
  key_folder keys{place / "safe"};
  std::unique_ptr<support::program> server;
  drill::endpoint where;
};

}  // namespace tomoshibi
