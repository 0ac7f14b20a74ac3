// What `tomoshibi status` says, for a program and for a person.
#include "server/status.hpp"

#include <nlohmann/json.hpp>

#include "tests/server/small_centre.hpp"

namespace tomoshibi {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr crypto::seconds now = 1'795'504'200;  // Tuesday 2026-11-24, 16:10 in Tokyo

centre_status example() {
  centre_status out;
  out.time_zone = "Asia/Tokyo";
  out.now = now;
  out.roster_epoch = 7;
  out.members = 5;
  out.members_disabled = 1;
  out.expiries = {{"The roster", now + 3 * 86400 + 60, "x", "do this"}, {"The issuer", now + 300 * 86400, "x", "y"}};
  running_status running;
  running.since = now - 3600;
  running.centre = {true, 12, 34, 0};
  desk::figures figures;
  figures.door.intake = true;
  figures.door.until = now + 60;
  figures.door.next = now + 17 * 3600;
  figures.door.waiting = 2;
  figures.present = 3;
  figures.free = 1;
  figures.longest_wait = 40;
  figures.chats = 4;
  figures.letters = 5;
  figures.letter_readers = 6;
  running.desks.push_back({"centre", figures});
  running.store.commits = 34;
  running.store.database_bytes = 3 << 20;
  out.running = running;
  return out;
}

TEST(status, is_one_json_object_with_times_as_the_centre_has_them) {
  const auto said = nlohmann::json::parse(to_json(example()));
  EXPECT_EQ(said["running"], true);
  EXPECT_EQ(said["version"], program_version);
  EXPECT_EQ(said["now"], "2026-11-24T16:10:00+09:00");
  EXPECT_EQ(said["since"], "2026-11-24T15:10:00+09:00");
  EXPECT_EQ(said["connections"], 12);
  const auto& desk = said["desks"][0];
  EXPECT_EQ(desk["desk"], "centre");
  EXPECT_EQ(desk["open"], true);
  EXPECT_EQ(desk["intake"], true);
  EXPECT_EQ(desk["why"], "open");
  EXPECT_EQ(desk["until"], "2026-11-24T16:11:00+09:00");
  EXPECT_EQ(desk["next"], "2026-11-25T09:10:00+09:00");
  EXPECT_EQ(desk["present"], 3);
  EXPECT_EQ(desk["free"], 1);
  EXPECT_EQ(desk["waiting"], 2);
  EXPECT_EQ(desk["longest_wait_seconds"], 40);
  EXPECT_EQ(desk["chats"], 4);
  EXPECT_EQ(desk["letters_waiting"], 5);
  EXPECT_EQ(desk["letter_readers"], 6);
  EXPECT_EQ(said["store"]["commits"], 34);
  EXPECT_TRUE(said["store"]["failing"].is_null());
  EXPECT_EQ(said["roster"]["epoch"], 7);
  EXPECT_EQ(said["expires"][0]["days"], 3);
  EXPECT_EQ(said["expires"][0]["soon"], true);
  EXPECT_EQ(said["expires"][1]["soon"], false);
}

TEST(status, has_a_reason_for_each_state_of_the_door) {
  centre_status shown = example();
  auto& door = shown.running->desks[0].now.door;
  for (const auto& [why, name, text] :
       {std::tuple{wire::door_reason::outside_hours, "outside_hours", "closed: outside its hours"},
        {wire::door_reason::past_last_intake, "past_last_intake", "past the last intake"},
        {wire::door_reason::too_few_on_duty, "too_few_on_duty", "too few counselors"},
        {wire::door_reason::line_full, "line_full", "the line is full"}}) {
    door.intake = false;
    door.why = why;
    const std::string said = to_json(shown);
    EXPECT_EQ(nlohmann::json::parse(said)["desks"][0]["why"], name);
    EXPECT_EQ(nlohmann::json::parse(said)["desks"][0]["open"], why != wire::door_reason::outside_hours);
    EXPECT_THAT(to_text(said), HasSubstr(text));
  }
}

TEST(status, is_drawn_for_a_person) {
  EXPECT_THAT(
      to_text(to_json(example())),
      AllOf(HasSubstr("centre: takes people in"), HasSubstr("3, of whom 1 free"),
            HasSubstr("2 waiting, the longest for 40 s"), HasSubstr("5 not read, 6 members can read those of today"),
            HasSubstr("3.0 MiB"), HasSubstr("The roster"), HasSubstr("in 3 days"), HasSubstr("SOON: do this"),
            HasSubstr("roster 7: 5 members, of whom 1 disabled")));
}

TEST(status, of_a_store_that_fails_says_that_nobody_is_served) {
  centre_status shown = example();
  shown.running->centre.usable = false;
  shown.running->desks.clear();
  shown.running->store.failing = "the disk is full";
  EXPECT_THAT(to_text(to_json(shown)), AllOf(HasSubstr("NOBODY IS SERVED"), HasSubstr("the disk is full")));
}

class folder_status : public testing::Test, public support::small_centre {
 protected:
  folder_status() {
    const auto demo = read_file(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
    EXPECT_TRUE(write_file(of.config(), *demo, readers::everyone));
    EXPECT_TRUE(add("sumire", "すみれ"));
  }
};

TEST_F(folder_status, is_read_where_no_server_runs) {
  const auto shown = read_status(of, clock);
  ASSERT_TRUE(shown) << shown.error();
  EXPECT_EQ(shown->roster_epoch, 2u);
  EXPECT_EQ(shown->members, 1u);
  EXPECT_EQ(shown->expiries.size(), 4u);
  EXPECT_THAT(to_text(to_json(*shown)), AllOf(HasSubstr("does not run"), Not(HasSubstr("SOON"))));
}

TEST_F(folder_status, is_read_of_files_that_have_expired_too) {
  clock += 40 * support::day;
  const auto shown = read_status(of, clock);
  ASSERT_TRUE(shown) << shown.error();
  EXPECT_THAT(to_text(to_json(*shown)),
              AllOf(HasSubstr("HAS EXPIRED"), HasSubstr("SOON: publish a new one with 'tomoshibi staff renew'")));
}

TEST_F(folder_status, names_what_is_missing) {
  std::filesystem::remove(of.roster());
  EXPECT_THAT(read_status(of, clock).error(), HasSubstr(of.roster().string()));
}

}  // namespace
}  // namespace tomoshibi
