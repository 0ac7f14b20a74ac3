// A centre's folder is made once, kept, and renewed; every object in it holds against a client's checks.
#include "server/ceremony.hpp"

#include <gmock/gmock.h>

#include "server/plan.hpp"
#include "tests/server/issued_certificate.hpp"
#include "tests/server/small_centre.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tomoshibi {
namespace {

using crypto::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

using support::day;
constexpr seconds begin = 1'800'000'000;

class ceremony : public testing::Test {
 protected:
  ceremony() {
    plan.demo = true;
    plan.desks = {{"talk", true}, {"lawyer", false}};
    plan.page = "{}";
    plan.staff = {{"sumire", "すみれ", crypto::role::counselor, "talk"},
                  {"aoi", "あおい", crypto::role::supervisor, "talk"}};
    plan.tls_names = {"localhost", "127.0.0.1"};
    plan.shift_hours = [](seconds, std::uint32_t least) { return least; };
    plan.vault_cost = {1, 8 << 10};
  }

  file_result<void> hold(seconds clock) {
    notes.clear();
    return hold_ceremony(of, keys, plan, clock, random, [this](std::string_view note) { notes.emplace_back(note); });
  }
  crypto::trust believe(seconds clock, const crypto::trust* seen = nullptr) {
    const auto shown = read_trust(of, clock);
    EXPECT_TRUE(shown) << shown.error();
    const auto verified = crypto::verify_trust(shown->centre_object, shown->issuer_object, shown->roster_object,
                                               *read_fingerprint(of), clock, seen);
    EXPECT_TRUE(verified) << crypto::name(verified.error());
    return *verified;
  }

  support::temporary_folder place;
  folder of{place / "centre"};
  key_folder keys{place / "safe"};
  ceremony_plan plan;
  support::seeded_random random{1};
  std::vector<std::string> notes;
};

TEST_F(ceremony, makes_a_folder_that_a_client_believes) {
  ASSERT_TRUE(hold(begin));
  const crypto::trust shown = believe(begin);
  EXPECT_TRUE(shown.centre.demo());
  EXPECT_EQ(shown.centre.desks, plan.desks);
  EXPECT_EQ(shown.listed.entries.size(), 2 + drill_members);

  const auto sumire = unlock_demo_staff(of, "sumire");
  ASSERT_TRUE(sumire) << sumire.error();
  const auto fields = shown.check(sumire->certificate, begin);
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->alias, "すみれ");
  EXPECT_EQ(fields->holder, crypto::role::counselor);
  EXPECT_EQ(fields->desk, crypto::make_desk_id(shown.centre.centre, "talk"));
  EXPECT_EQ(fields->sign_key, crypto::sign_public(sumire->sign));
  EXPECT_EQ(fields->agree_key, crypto::agree_public(sumire->agree));

  const auto drill = read_drill_members(of);
  ASSERT_TRUE(drill) << drill.error();
  ASSERT_THAT(*drill, testing::SizeIs(drill_members));
  for (const crypto::identity& member : *drill) {
    const auto member_fields = shown.check(member.certificate, begin);
    ASSERT_TRUE(member_fields);
    EXPECT_EQ(member_fields->holder, crypto::role::drill);
    EXPECT_EQ(member_fields->sign_key, crypto::sign_public(member.sign));
  }
}

TEST_F(ceremony, keeps_everything_the_second_time) {
  ASSERT_TRUE(hold(begin));
  std::map<std::string, bytes> before;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(of.base))
    if (entry.is_regular_file()) before[entry.path()] = *read_file(entry.path());
  ASSERT_TRUE(hold(begin + 7 * day));
  EXPECT_THAT(notes, IsEmpty());
  for (const auto& [path, content] : before) EXPECT_EQ(*read_file(path), content) << path;
}

TEST_F(ceremony, lets_nobody_but_the_owner_in) {
  ASSERT_TRUE(hold(begin));
  const auto mode = [](const std::filesystem::path& at) { return std::filesystem::status(at).permissions(); };
  EXPECT_EQ(mode(of.base), std::filesystem::perms::owner_all);
  for (const auto& secret : {keys.root_seed(), keys.issuer_seed(), of.tls_key(), of.storage_key(),
                             of.staff_key("sumire"), of.passphrase("sumire"), of.drill()})
    EXPECT_EQ(mode(secret), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << secret;
}

TEST_F(ceremony, renews_the_roster_and_then_the_certificates_before_they_expire) {
  ASSERT_TRUE(hold(begin));
  crypto::trust seen = believe(begin);
  for (seconds now = begin + 10 * day; now < begin + 200 * day; now += 10 * day) {
    ASSERT_TRUE(hold(now));
    seen = believe(now, &seen);  // each roster is a successor of the one before
    EXPECT_TRUE(seen.check(read_certificates(of, "sumire")->back(), now + 10 * day));
    EXPECT_TRUE(seen.check(read_drill_members(of)->back().certificate, now + 10 * day));
    EXPECT_GT(seen.listed.expires, now + renew_before);
  }
  EXPECT_GT(seen.listed.epoch, 5u);
}

TEST_F(ceremony, renews_the_issuer_with_a_new_key_and_everything_it_signed) {
  ASSERT_TRUE(hold(begin));
  const crypto::trust old = believe(begin);
  const bytes old_certificate = read_certificates(of, "sumire")->back();
  const seconds later = begin + 300 * day;
  ASSERT_TRUE(hold(later));
  const crypto::trust fresh = believe(later);
  EXPECT_EQ(fresh.issued_by.epoch, 2u);
  EXPECT_NE(fresh.issued_by.key, old.issued_by.key);
  EXPECT_EQ(fresh.centre.issuer_epoch_least, 2u) << "the old issuer is refused from now on";
  EXPECT_GT(fresh.listed.epoch, old.listed.epoch);
  EXPECT_EQ(fresh.listed.previous, old.roster_hash);
  EXPECT_FALSE(fresh.check(old_certificate, later));
  EXPECT_TRUE(fresh.check(read_certificates(of, "sumire")->back(), later));
  EXPECT_TRUE(unlock_demo_staff(of, "sumire")) << "the keys stay, and so does the passphrase";
}

TEST_F(ceremony, renews_a_certificate_beside_the_same_key_file) {
  ASSERT_TRUE(hold(begin));
  const bytes file = *read_file(of.staff_key("sumire"));
  const bytes before = read_certificates(of, "sumire")->back();
  ASSERT_TRUE(hold(begin + 80 * day));
  const auto after = *read_certificates(of, "sumire");
  EXPECT_EQ(*read_file(of.staff_key("sumire")), file);
  EXPECT_THAT(after, testing::ElementsAre(before, testing::Ne(before)));
  const crypto::trust shown = believe(begin + 80 * day);
  EXPECT_TRUE(shown.check(before, begin + 80 * day)) << "a conversation is bound to it";
  EXPECT_EQ(unlock_demo_staff(of, "sumire")->certificate, after.back());
  ASSERT_TRUE(hold(begin + 92 * day));
  EXPECT_FALSE(believe(begin + 92 * day).listed.find(crypto::sha256(before))) << "it expired";
}

TEST_F(ceremony, takes_the_certificate_out_of_a_key_file_where_none_lies_beside_it) {
  ASSERT_TRUE(hold(begin));
  std::filesystem::remove(of.certificates("sumire"));
  ASSERT_TRUE(hold(begin));
  EXPECT_EQ(read_certificates(of, "sumire")->back(), read_key_file(of.staff_key("sumire"))->certificate);
}

TEST_F(ceremony, says_so_when_a_key_file_is_none) {
  ASSERT_TRUE(hold(begin));
  ASSERT_TRUE(write_file(of.staff_key("sumire"), as_bytes("a photograph"), readers::owner));
  const auto refused = hold(begin);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr(of.staff_key("sumire").string()));
  EXPECT_THAT(unlock_demo_staff(of, "sumire").error(), HasSubstr(of.staff_key("sumire").string()));
}

TEST_F(ceremony, never_turns_the_clock_of_a_demo_back) {
  plan.shift_hours = [](seconds, std::uint32_t least) { return std::max(least, 16u); };
  ASSERT_TRUE(hold(begin));
  EXPECT_EQ(believe(begin).centre.clock_shift_hours, 16u);
  std::uint32_t asked = 0;
  plan.shift_hours = [&](seconds, std::uint32_t least) { return asked = least; };
  ASSERT_TRUE(hold(begin + day));
  EXPECT_EQ(asked, 16u);
  EXPECT_EQ(believe(begin + day).centre.clock_shift_hours, 16u);
}

TEST_F(ceremony, gives_a_real_centre_no_shift) {
  plan.demo = false;
  plan.staff.clear();
  plan.shift_hours = [](seconds, std::uint32_t) { return 16u; };
  ASSERT_TRUE(hold(begin));
  EXPECT_EQ(believe(begin).centre.clock_shift_hours, 0u);
}

TEST_F(ceremony, does_not_turn_a_real_centre_into_a_demo) {
  plan.demo = false;
  plan.staff.clear();
  ASSERT_TRUE(hold(begin));
  plan.demo = true;
  const auto refused = hold(begin);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("a real centre"));
}

TEST_F(ceremony, says_what_is_missing_instead_of_making_a_second_centre) {
  ASSERT_TRUE(hold(begin));
  std::filesystem::remove(keys.root_seed());
  auto refused = hold(begin);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr(keys.root_seed().string()));
  EXPECT_FALSE(std::filesystem::exists(keys.root_seed()));
}

TEST_F(ceremony, needs_no_key_of_root_or_issuer_in_the_centres_own_folder) {
  ASSERT_TRUE(hold(begin));
  const std::string root = as_text(*read_file(keys.root_seed())), issuer = as_text(*read_file(keys.issuer_seed()));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(of.base)) {
    if (!entry.is_regular_file()) continue;
    const std::string content = as_text(*read_file(entry.path()));
    EXPECT_EQ(content.find(root), std::string::npos) << entry.path();
    EXPECT_EQ(content.find(issuer), std::string::npos) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 10u);
}

TEST_F(ceremony, refuses_rosters_before_its_own_also_to_who_has_seen_none) {
  ASSERT_TRUE(hold(begin));
  const bytes first = *read_file(of.roster());
  ASSERT_TRUE(hold(begin + 25 * day));
  EXPECT_EQ(believe(begin + 25 * day).centre.roster_epoch_least, 2u);
  ASSERT_TRUE(write_file(of.roster(), first, readers::everyone));
  EXPECT_THAT(read_trust(of, begin + 25 * day).error(), HasSubstr("rolled_back"));
}

TEST_F(ceremony, is_held_by_one_at_a_time) {
  const auto other = hold_folder(of);
  ASSERT_TRUE(other);
  EXPECT_THAT(hold(begin).error(), HasSubstr("is being changed by another"));
}

TEST_F(ceremony, does_not_replace_the_key_of_a_database_that_is_there) {
  ASSERT_TRUE(hold(begin));
  ASSERT_TRUE(write_file(of.database(), as_bytes("x"), readers::owner));
  std::filesystem::remove(of.storage_key());
  const auto refused = hold(begin);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("Put the key back"));
}

TEST_F(ceremony, makes_a_new_tls_certificate_when_an_address_is_added) {
  ASSERT_TRUE(hold(begin));
  const bytes before = *read_file(of.tls_certificate());
  plan.tls_names.push_back("192.168.1.20");
  ASSERT_TRUE(hold(begin));
  EXPECT_NE(*read_file(of.tls_certificate()), before);
}

TEST_F(ceremony, makes_no_second_issuer_when_its_key_was_moved_away) {
  ASSERT_TRUE(hold(begin));
  std::filesystem::remove(keys.issuer_seed());
  const auto refused = hold(begin + 30 * day);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr(keys.issuer_seed().string()));
}

TEST_F(ceremony, makes_another_issuer_at_once_where_the_key_was_lost_or_stolen) {
  ASSERT_TRUE(hold(begin));
  const crypto::trust before = believe(begin);
  const bytes key_file = *read_file(of.staff_key("sumire"));
  std::filesystem::remove(keys.issuer_seed());
  plan.new_issuer = true;
  ASSERT_TRUE(hold(begin + day));
  const crypto::trust after = believe(begin + day, &before);
  EXPECT_NE(after.issued_by.key, before.issued_by.key);
  EXPECT_EQ(after.centre.issuer_epoch_least, 2u) << "what the old key signs is refused";
  EXPECT_TRUE(after.check(read_certificates(of, "sumire")->back(), begin + day));
  EXPECT_EQ(*read_file(of.staff_key("sumire")), key_file);
  EXPECT_FALSE(std::filesystem::exists(of.issuer_before())) << "its signatures count no more";
}

TEST_F(ceremony, refuses_a_root_key_that_is_another_one_than_the_fingerprints) {
  ASSERT_TRUE(hold(begin));
  std::filesystem::remove(of.centre_file());  // as if it had been interrupted there
  keys.base = place / "another";
  EXPECT_THAT(hold(begin).error(), AllOf(HasSubstr("is another root's"), HasSubstr(keys.root_seed().string())));
}

TEST_F(ceremony, leaves_a_tls_certificate_alone_that_an_authority_issued) {
  ASSERT_TRUE(hold(begin));
  const std::string issued =
      support::make_issued_certificate({"consult.example.org"}, static_cast<std::int64_t>(begin), 90);
  ASSERT_TRUE(write_file(of.tls_certificate(), as_bytes(issued), readers::everyone));
  const bytes key = *read_file(of.tls_key());
  ASSERT_TRUE(hold(begin + 80 * day));
  EXPECT_EQ(as_text(*read_file(of.tls_certificate())), issued);
  EXPECT_EQ(*read_file(of.tls_key()), key);
  EXPECT_THAT(notes, testing::Contains(HasSubstr("renew it where it was issued")));
}

TEST(demo_clock, is_not_shown_with_only_minutes_left) {
  auto from = config::load_config(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  ASSERT_TRUE(from);
  const auto shift = make_plan(*from, {}).shift_hours;
  const seconds last_intake = 1'795'504'200;  // Tuesday 2026-11-24, 16:10 in Tokyo
  EXPECT_EQ(shift(last_intake - 3 * 3600, 0), 0u);
  EXPECT_EQ(shift(last_intake - 30 * 60, 0), 0u);
  for (const seconds now : {last_intake - 30 * 60 + 1, last_intake - 1, last_intake, last_intake + 12 * 3600}) {
    const std::uint32_t hours = shift(now, 0);
    EXPECT_GT(hours, 0u);
    const auto then = hours_of(main_desk(*from), *from).at(now + seconds{hours} * 3600);
    EXPECT_TRUE(then.intake);
    EXPECT_GE(then.last_intake, now + seconds{hours} * 3600 + 3600);
    EXPECT_EQ(shift(now, hours), hours) << "the same hour again";
  }
}

TEST_F(ceremony, goes_on_where_it_was_interrupted) {
  // A folder in which any one file is missing is completed, or refused with a sentence; never believed half-made.
  ASSERT_TRUE(hold(begin));
  const crypto::trust first = believe(begin);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place.path()))
    if (entry.is_regular_file()) files.push_back(entry.path());
  for (const auto& file : files) {
    SCOPED_TRACE(file);
    const bytes kept = *read_file(file);
    std::filesystem::remove(file);
    if (const auto held = hold(begin); held) {
      EXPECT_EQ(believe(begin).centre.centre, first.centre.centre) << "a second centre";
      EXPECT_EQ(believe(begin).issued_by.key, first.issued_by.key) << "a second issuer";
      EXPECT_TRUE(unlock_demo_staff(of, "sumire")) << "its key file and passphrase belong together";
    } else {
      ASSERT_TRUE(write_file(file, kept, readers::owner));
      EXPECT_TRUE(hold(begin));
    }
  }
}

}  // namespace
}  // namespace tomoshibi
