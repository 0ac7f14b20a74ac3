// A centre's folder, made on a clock that the test moves, with keys of its own folder and vaults that open fast.
#pragma once

#include <gmock/gmock.h>

#include "server/ceremony.hpp"
#include "server/staff.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tomoshibi::support {

inline constexpr crypto::seconds day = 86400;

class small_centre {
 public:
  small_centre() {
    plan.desks = {{"talk", true}, {"lawyer", false}};
    plan.page = "{}";
    plan.tls_names = {"localhost"};
    plan.vault_cost = {1, 8 << 10};
    EXPECT_TRUE(init());
  }

  file_result<void> init() { return hold_ceremony(of, keys, plan, clock, random, note); }

  // With the issuer's key, as `tomoshibi staff` does it.
  file_result<void> sign(const std::function<file_result<void>(const issuing&)>& work) {
    const auto signs = issuing::begin(of, keys, clock, random, note);
    if (!signs) return std::unexpected(signs.error());
    return work(*signs);
  }
  file_result<void> add(const std::string& id, const std::string& alias, const std::string& desk = "talk") {
    return sign([&](const issuing& signs) {
      return add_member(of, signs, {id, alias, desk, crypto::role::counselor, place / "handed-out"}, plan.vault_cost,
                        random, [this](std::string_view told) { passphrase = told; });
    });
  }
  file_result<void> renew(const std::string& id = {}) {
    return sign([&](const issuing& signs) { return renew_members(of, signs, id); });
  }
  file_result<void> disable(const std::string& id) {
    return sign([&](const issuing& signs) { return disable_member(of, signs, id); });
  }

  // What a client makes of it that has seen `seen` before.
  crypto::result<crypto::trust> believe(const crypto::trust* seen = nullptr) const {
    return crypto::verify_trust(*read_file(of.centre_file()), *read_file(of.issuer_file()), *read_file(of.roster()),
                                *read_fingerprint(of), clock, seen);
  }
  bytes certificate(const std::string& id) const { return read_certificates(of, id)->back(); }

  temporary_folder place;
  folder of{place / "centre"};
  key_folder keys{place / "safe"};
  ceremony_plan plan;
  crypto::seconds clock = 1'800'000'000;
  seeded_random random{1};
  std::vector<std::string> notes;
  std::function<void(std::string_view)> note = [this](std::string_view what) { notes.emplace_back(what); };
  std::string passphrase;
};

}  // namespace tomoshibi::support
