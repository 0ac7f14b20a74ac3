#include "server/plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/desk/letters.hpp"

namespace tomoshibi {
namespace {

// A demo that closes while it is being shown is no use. Its clock stays as it is while intake goes on for a while
// yet; where it has to be put forward, it is put to where there is more time.
constexpr unsigned demo_minutes_least = 30, demo_minutes_wanted = 60;

nlohmann::json spans_of(const desk::weekly_hours& hours) {
  nlohmann::json week = nlohmann::json::array();
  for (const auto& day : hours.days) {
    nlohmann::json spans = nlohmann::json::array();
    for (const desk::minute_span& span : day) spans.push_back({span.from, span.to});
    week.push_back(std::move(spans));
  }
  return week;
}

// What the pages are told of a centre, signed with the rest of the centre file: hours in local minutes since
// midnight, Monday first.
nlohmann::json page_of(const config::centre_settings& from) {
  nlohmann::json page{{"name", from.name},
                      {"time_zone", from.time_zone},
                      {"exit_page", from.exit_page},
                      {"telephones", nlohmann::json::array()},
                      {"desks", nlohmann::json::array()}};
  for (const config::telephone& each : from.telephones)
    page["telephones"].push_back({{"id", each.id},
                                  {"name", each.name},
                                  {"number", each.number},
                                  {"hours", each.hours},
                                  {"cost", each.cost},
                                  {"languages", each.languages}});
  for (const config::desk_settings& each : from.desks)
    page["desks"].push_back({{"id", each.id}, {"name", each.name}, {"hours", spans_of(each.hours)}});
  return page;
}

// "https://[::1]:8443" -> "::1"
std::string host_of(std::string_view origin) {
  origin.remove_prefix(std::string_view("https://").size());
  if (origin.starts_with('[')) return std::string(origin.substr(1, origin.find(']') - 1));
  return std::string(origin.substr(0, origin.find(':')));
}

void add_tls_name(ceremony_plan& plan, const std::string& name) {
  if (std::ranges::find(plan.tls_names, name) == plan.tls_names.end()) plan.tls_names.push_back(name);
}

crypto::role role_of(config::staff_role role) {
  return role == config::staff_role::supervisor ? crypto::role::supervisor : crypto::role::counselor;
}

// Of a whole centre in the day that a conversation lives at most, those included whose survivor is gone.
constexpr std::uint32_t taken_up_max = 16'384;

}  // namespace

const config::desk_settings& main_desk(const config::centre_settings& from) {
  const auto found = std::ranges::find(from.desks, config::desk_kind::centre, &config::desk_settings::kind);
  return found != from.desks.end() ? *found : from.desks.front();
}

desk::opening_hours hours_of(const config::desk_settings& of, const config::centre_settings& from) {
  return {of.hours, from.time_zone, of.last_intake_minutes_before_closing};
}

ceremony_plan make_plan(const config::centre_settings& from, const std::vector<std::string>& extra_tls_names) {
  ceremony_plan plan;
  plan.demo = from.demo;
  for (const config::desk_settings& each : from.desks) plan.desks.push_back({each.id, each.reachable});
  plan.page = page_of(from).dump();
  for (const config::staff_settings& each : from.staff)
    plan.staff.push_back({each.id, each.alias, role_of(each.role), each.desk});
  plan.tls_names = {"localhost", "127.0.0.1", "::1"};
  add_tls_name(plan, host_of(from.server.public_origin));
  for (const std::string& origin : from.server.other_origins) add_tls_name(plan, host_of(origin));
  for (const std::string& name : extra_tls_names) add_tls_name(plan, name);
  plan.shift_hours = [hours = hours_of(main_desk(from), from)](crypto::seconds clock, std::uint32_t least) {
    const crypto::seconds now = clock + crypto::seconds{least} * 3600;
    const desk::hours_state shown = hours.at(now);
    if (shown.intake && shown.last_intake - now >= demo_minutes_least * 60) return least;
    return desk::hours_to_intake(hours, clock, demo_minutes_wanted, least).value_or(least);
  };
  return plan;
}

std::vector<desk::desk_settings> make_desks(const config::centre_settings& from, const crypto::centre_id& centre) {
  std::vector<desk::desk_settings> desks;
  for (const config::desk_settings& each : from.desks) {
    if (!each.has_hours()) continue;
    desk::desk_settings made;
    made.id = crypto::make_desk_id(centre, each.id);
    made.hours = [hours = hours_of(each, from)](crypto::seconds now) { return hours.at(now); };
    made.days = [hours = hours_of(each, from)](crypto::seconds now) { return hours.days(now); };
    made.reachable = each.reachable;
    made.present_least = from.present_least;
    made.line_max = each.line_max;
    made.capacity_max = static_cast<byte>(each.capacity_max);
    desks.push_back(std::move(made));
  }
  desk::desk_settings drill;
  drill.id = crypto::make_desk_id(centre, crypto::drill_desk_name);
  drill.kind = desk::desk_kind::drill;
  drill.line_max = 1000;
  drill.capacity_max = 255;
  desks.push_back(std::move(drill));
  return desks;
}

std::uint32_t conversations_max(const std::vector<desk::desk_settings>& desks) {
  std::uint32_t places = 0;
  for (const desk::desk_settings& each : desks) {
    places += desk::places_by_line_max * each.line_max;
    if (each.days) places += desk::letters_kept_max;
  }
  return places + taken_up_max + desk::inboxes_max;
}

}  // namespace tomoshibi
