#include "server/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client-web/core/names.hpp"
#include "server/net/self_signed.hpp"

namespace tomoshibi {
namespace {

using json = nlohmann::ordered_json;

std::string_view sentence_of(std::string_view why) {
  if (why == "open") return "takes people in";
  if (why == "outside_hours") return "closed: outside its hours";
  if (why == "past_last_intake") return "staffed, and takes nobody new today: past the last intake";
  if (why == "too_few_on_duty") return "closed: too few counselors are on duty";
  if (why == "line_full") return "takes nobody in: the line is full";
  return "unknown";
}

json time_or_null(crypto::seconds at, const std::string& zone) {
  return at == 0 ? json() : json(desk::iso_time(at, zone));
}

json describe(const desk_status& from, const std::string& zone) {
  const wire::door& door = from.now.door;
  const bool open = door.why != wire::door_reason::outside_hours;
  return {{"desk", from.id},
          {"open", open},
          {"intake", door.intake},
          {"why", core::names<wire::door_reason>::of(door.why)},
          {"until", time_or_null(door.until, zone)},
          {"next", time_or_null(door.next, zone)},
          {"present", from.now.present},
          {"free", from.now.free},
          {"waiting", door.waiting},
          {"longest_wait_seconds", from.now.longest_wait},
          {"chats", from.now.chats},
          {"letters_waiting", from.now.letters},
          {"letter_readers", from.now.letter_readers}};
}

json describe(const storage::store_figures& from) {
  return {{"commits", from.commits},
          {"conversations", from.conversations},
          {"database_bytes", from.database_bytes},
          {"log_bytes", from.log_bytes},
          {"bytes_allowed", from.bytes_allowed},
          {"bytes_free", from.bytes_free},
          {"failing", from.failing.empty() ? json() : json(from.failing)}};
}

// "3.1 MiB"
std::string in_bytes(std::uint64_t bytes) {
  double shown = static_cast<double>(bytes);
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; shown >= 1024 && unit + 1 < std::size(units); ++unit) shown /= 1024;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", shown, units[unit]);
}

std::string text_of(const json& value) { return value.is_null() ? "unknown" : value.get<std::string>(); }

std::string draw_desk(const json& of) {
  std::string out =
      fmt::format("\n{}: {}\n", of.at("desk").get<std::string>(), sentence_of(of.at("why").get<std::string>()));
  if (!of.at("until").is_null()) out += fmt::format("  until        {}\n", text_of(of.at("until")));
  if (!of.at("next").is_null()) out += fmt::format("  opens next   {}\n", text_of(of.at("next")));
  return out + fmt::format(
                   "  on duty      {}, of whom {} free\n  line         {} waiting, the longest for {} s\n"
                   "  chats        {}\n  letters      {} not read, {} members can read those of today\n",
                   of.at("present").get<std::uint32_t>(), of.at("free").get<std::uint32_t>(),
                   of.at("waiting").get<std::uint32_t>(), of.at("longest_wait_seconds").get<std::uint32_t>(),
                   of.at("chats").get<std::uint32_t>(), of.at("letters_waiting").get<std::uint32_t>(),
                   of.at("letter_readers").get<std::uint32_t>());
}

std::string draw_store(const json& of) {
  std::string out = fmt::format(
      "\nstore\n  batches      {} committed, {} conversations\n  database     {} of at most {}, and {} of log\n"
      "  disk         {} free\n",
      of.at("commits").get<std::uint64_t>(), of.at("conversations").get<std::uint64_t>(),
      in_bytes(of.at("database_bytes").get<std::uint64_t>()), in_bytes(of.at("bytes_allowed").get<std::uint64_t>()),
      in_bytes(of.at("log_bytes").get<std::uint64_t>()), in_bytes(of.at("bytes_free").get<std::uint64_t>()));
  if (!of.at("failing").is_null()) out += fmt::format("  FAILS        {}\n", text_of(of.at("failing")));
  return out;
}

}  // namespace

const std::string_view program_version = TOMOSHIBI_VERSION;

centre_status describe(const crypto::trust& shown, std::span<const member> members, std::vector<expiry> expiries,
                       std::string time_zone) {
  centre_status out;
  out.time_zone = std::move(time_zone);
  out.clock_shift_hours = shown.centre.clock_shift_hours;
  out.roster_epoch = shown.listed.epoch;
  out.members = members.size();
  out.members_disabled = static_cast<std::size_t>(std::ranges::count_if(members, &member::disabled));
  out.expiries = std::move(expiries);
  return out;
}

file_result<centre_status> read_status(const folder& of, crypto::seconds clock) {
  const auto settings = config::load_config(of.config());
  if (!settings) return std::unexpected(fmt::format("{}", fmt::join(settings.error(), "\n")));
  const auto by = read_authority(of);
  if (!by) return std::unexpected(by.error());
  const auto members = read_members(of, by->issuers);
  if (!members) return std::unexpected(members.error());
  const auto roster_object = read_file(of.roster());
  if (!roster_object) return std::unexpected(roster_object.error());
  auto roster = crypto::open_roster(*roster_object, by->issued_by.key);
  if (!roster) return std::unexpected(of.roster().string() + ": not signed by this centre's issuer");
  crypto::trust shown;
  shown.centre = by->centre;
  shown.issued_by = by->issued_by;
  shown.listed = *std::move(roster);
  const crypto::seconds shift = crypto::seconds{shown.centre.clock_shift_hours} * 3600;
  const auto tls = net::certificate_not_after(of.tls_certificate().string());
  const crypto::seconds tls_until = tls && *tls > 0 ? static_cast<crypto::seconds>(*tls) + shift : 0;
  centre_status out = describe(shown, *members, list_expiries(shown, *members, tls_until), settings->time_zone);
  out.now = clock + shift;
  return out;
}

std::string to_json(const centre_status& from) {
  json out{{"version", program_version},
           {"running", from.running.has_value()},
           {"now", desk::iso_time(from.now, from.time_zone)},
           {"clock_shift_hours", from.clock_shift_hours},
           {"roster", {{"epoch", from.roster_epoch}, {"members", from.members}, {"disabled", from.members_disabled}}},
           {"expires", json::array()}};
  for (const expiry& one : from.expiries)
    out["expires"].push_back({{"what", one.what},
                              {"until", desk::iso_time(one.until, from.time_zone)},
                              {"days", one.until > from.now ? (one.until - from.now) / (24 * 3600) : 0},
                              {"expired", one.until <= from.now},
                              {"soon", one.is_soon(from.now)},
                              {"remedy", one.remedy}});
  if (!from.running) return out.dump();
  const running_status& now = *from.running;
  out["since"] = desk::iso_time(now.since, from.time_zone);
  out["usable"] = now.centre.usable;
  out["connections"] = now.centre.connections;
  out["store_failures"] = now.centre.failures;
  out["desks"] = json::array();
  for (const desk_status& one : now.desks) out["desks"].push_back(describe(one, from.time_zone));
  out["store"] = describe(now.store);
  return out.dump();
}

std::string to_text(std::string_view line) {
  const json from = json::parse(line);
  std::string out = fmt::format("Tomoshibi {}\n", text_of(from.at("version")));
  if (!from.at("running").get<bool>()) {
    out += "  The server does not run.\n";
  } else {
    out += fmt::format("  running since {}, with {} connections\n", text_of(from.at("since")),
                       from.at("connections").get<std::size_t>());
    if (!from.at("usable").get<bool>()) out += "  NOBODY IS SERVED: the store cannot be used.\n";
  }
  if (const auto shift = from.at("clock_shift_hours").get<std::uint32_t>(); shift > 0)
    out += fmt::format("  a demonstration: its clock is {} h ahead, at {}\n", shift, text_of(from.at("now")));
  if (from.contains("desks"))
    for (const json& one : from.at("desks")) out += draw_desk(one);
  if (from.contains("store")) out += draw_store(from.at("store"));
  const json& roster = from.at("roster");
  out += fmt::format("\nroster {}: {} members, of whom {} disabled\n", roster.at("epoch").get<std::uint64_t>(),
                     roster.at("members").get<std::size_t>(), roster.at("disabled").get<std::size_t>());
  out += "\nexpires\n";
  for (const json& one : from.at("expires")) {
    const auto days = one.at("days").get<std::uint64_t>();
    const std::string left = one.at("expired").get<bool>() ? "HAS EXPIRED" : fmt::format("in {} days", days);
    out += fmt::format("  {:<22} {}, {}\n", text_of(one.at("what")), text_of(one.at("until")), left);
    if (one.at("soon").get<bool>()) out += fmt::format("    SOON: {}\n", text_of(one.at("remedy")));
  }
  return out;
}

}  // namespace tomoshibi
