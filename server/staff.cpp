#include "server/staff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "server/config/alias.hpp"

namespace tomoshibi {
namespace {

std::unexpected<std::string> failed(std::string what) { return std::unexpected(std::move(what)); }

std::unexpected<std::string> disabled_for_good(std::string_view id) {
  return failed(fmt::format("'{}' is disabled, for good; enrol them under another id", id));
}

file_result<std::vector<member>> members_of(const folder& of) {
  const auto by = read_authority(of);
  if (!by) return std::unexpected(by.error());
  return read_members(of, by->issuers);
}

// The member with this id; the error lists who there is.
file_result<member> find_member(const folder& of, std::string_view id) {
  auto all = members_of(of);
  if (!all) return std::unexpected(all.error());
  const auto found = std::ranges::find(*all, id, &member::id);
  if (found != all->end()) return std::move(*found);
  std::string known;
  for (const member& one : *all) known += (known.empty() ? "" : ", ") + one.id;
  return failed(
      fmt::format("there is no member '{}'; there {}", id,
                  known.empty() ? std::string("is nobody yet: 'tomoshibi staff add' enrols them") : "are " + known));
}

// Why nobody can be enrolled like this; empty: they can.
std::string fault_of(const folder& of, const issuing& signs, const new_member& who) {
  static const std::regex id_form("[a-z0-9][a-z0-9-]{0,31}");
  if (!std::regex_match(who.id, id_form))
    return fmt::format("'{}' is no id: lower-case letters, digits and hyphens, at most 32", who.id);
  if (std::string fault = config::fault_of_alias(who.alias); !fault.empty()) return fault;
  if (signs.issuer_ends_soon()) return "the issuer is about to expire; make a new one with 'tomoshibi init' first";
  const auto& known = signs.by().centre.desks;
  std::string desks;
  for (const auto& desk : known) desks += (desks.empty() ? "" : ", ") + desk.name;
  if (std::ranges::none_of(known, [&](const auto& desk) { return desk.name == who.desk; }))
    return fmt::format("there is no desk '{}'; there are {}", who.desk, desks);
  const auto all = members_of(of);
  if (!all) return all.error();
  for (const member& one : *all) {
    if (one.id == who.id)
      return fmt::format("there is a member '{}' already{}; choose another id", who.id,
                         one.disabled ? ", who is disabled" : "");
    if (one.newest.alias == who.alias && !one.disabled)
      return fmt::format("'{}' is the pseudonym of '{}'; choose another, so that survivors can tell them apart",
                         who.alias, one.id);
  }
  if (std::filesystem::exists(who.out / (who.id + ".key")))
    return fmt::format("{}: is there already; move it away, or choose another folder",
                       (who.out / (who.id + ".key")).string());
  return {};
}

file_result<void> publish(const issuing& signs) {
  if (auto published = signs.publish_roster(); !published) return failed(published.error());
  return {};
}

}  // namespace

file_result<made_keys> make_keys(crypto::password_cost cost, crypto::random_source& random,
                                 const std::function<bytes(crypto::certificate)>& certify) {
  const crypto::seeds seeds{random.make_secret<32>(), random.make_secret<32>()};
  made_keys out;
  out.file.device_secret = random.make_secret<32>();
  out.passphrase = crypto::make_passphrase(random);
  auto vault = crypto::seal_vault(seeds, out.passphrase, out.file.device_secret, {}, random, cost);
  if (!vault)
    return failed(fmt::format("a vault needs {} MiB of memory, which could not be had", cost.memory_bytes >> 20));
  out.file.vault = *std::move(vault);
  crypto::certificate wanted;
  wanted.sign_key = crypto::sign_public(seeds.sign);
  wanted.agree_key = crypto::agree_public(seeds.agree);
  out.file.certificate = certify(std::move(wanted));
  return out;
}

file_result<void> add_member(const folder& of, const issuing& signs, const new_member& who,
                             crypto::password_cost cost, crypto::random_source& random,
                             const std::function<void(std::string_view)>& tell_passphrase) {
  if (std::string fault = fault_of(of, signs, who); !fault.empty()) return failed(std::move(fault));
  auto made = make_keys(cost, random, [&](crypto::certificate fields) {
    fields.holder = who.role;
    fields.desk = crypto::make_desk_id(signs.by().centre.centre, who.desk);
    fields.alias = who.alias;
    return signs.certify({}, fields);
  });
  if (!made) return failed(made.error());
  if (const auto opened = signs.open(made->file.certificate); !opened)
    return failed(fmt::format("the certificate would be refused ({})", crypto::name(opened.error())));
  if (auto written = write_file(who.out / (who.id + ".key"), crypto::encode_key_file(made->file), readers::owner);
      !written)
    return written;
  tell_passphrase(made->passphrase);
  if (auto marked = mark(of.reads_letters(who.id), who.reads_letters); !marked) return marked;
  if (auto written = write_certificates(of, who.id, {made->file.certificate}); !written) return written;
  return publish(signs);
}

file_result<void> renew_members(const folder& of, const issuing& signs, std::string_view id) {
  if (!id.empty()) {
    const auto found = find_member(of, id);
    if (!found) return failed(found.error());
    if (found->disabled) return disabled_for_good(id);
  }
  if (auto renewed = signs.renew_members(id); !renewed) return renewed;
  return publish(signs);
}

file_result<void> set_reads_letters(const folder& of, const issuing& signs, std::string_view id, bool reads) {
  const auto found = find_member(of, id);
  if (!found) return failed(found.error());
  if (found->disabled) return disabled_for_good(id);
  if (auto marked = mark(of.reads_letters(found->id), reads); !marked) return marked;
  return publish(signs);
}

file_result<void> disable_member(const folder& of, const issuing& signs, std::string_view id) {
  const auto found = find_member(of, id);
  if (!found) return failed(found.error());
  if (!found->disabled)
    if (auto marked = mark(of.disabled(found->id), true); !marked) return marked;
  return publish(signs);
}

}  // namespace tomoshibi
