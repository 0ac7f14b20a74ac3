// Members come, are renewed and go; each change is a roster that follows from the one before.
#include "server/staff.hpp"

#include <fmt/format.h>

#include "tests/server/small_centre.hpp"

namespace tomoshibi {
namespace {

using crypto::failure;
using support::day;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class staff : public testing::Test, public support::small_centre {};

TEST_F(staff, member_is_added_and_signs_in_with_file_and_passphrase) {
  const crypto::trust before = *believe();
  ASSERT_TRUE(add("sumire", "すみれ"));
  const auto opened = crypto::open_key_file(*read_file(place / "handed-out/sumire.key"), passphrase, {});
  ASSERT_TRUE(opened);
  const auto after = believe(&before);
  ASSERT_TRUE(after) << crypto::name(after.error());
  EXPECT_EQ(after->listed.epoch, before.listed.epoch + 1);
  EXPECT_EQ(after->listed.previous, before.roster_hash);
  const auto fields = after->check(opened->certificate, clock);
  ASSERT_TRUE(fields) << crypto::name(fields.error());
  EXPECT_EQ(fields->alias, "すみれ");
  EXPECT_EQ(fields->desk, crypto::make_desk_id(after->centre.centre, "talk"));
  EXPECT_EQ(fields->sign_key, crypto::sign_public(opened->sign));
  EXPECT_FALSE(before.check(opened->certificate, clock));
}

TEST_F(staff, passphrase_of_a_member_is_on_no_disk) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_FALSE(passphrase.empty());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(as_text(*read_file(entry.path())).find(passphrase), std::string::npos) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 8u);
}

TEST_F(staff, member_that_cannot_be_is_refused_and_nothing_is_made) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes roster = *read_file(of.roster());
  const auto refused = [&](const std::string& id, const std::string& alias, const std::string& desk) {
    const auto done = add(id, alias, desk);
    EXPECT_FALSE(done) << id;
    EXPECT_FALSE(std::filesystem::exists(of.staff(id)) && id != "sumire");
    return done ? std::string() : done.error();
  };
  EXPECT_THAT(refused("Aoi", "あおい", "talk"), HasSubstr("lower-case letters"));
  EXPECT_THAT(refused("../aoi", "あおい", "talk"), HasSubstr("lower-case letters"));
  EXPECT_THAT(refused("aoi", "あおい", "kitchen"), AllOf(HasSubstr("no desk 'kitchen'"), HasSubstr("talk, lawyer")));
  EXPECT_THAT(refused("aoi", "", "talk"), HasSubstr("1 to 32 bytes"));
  EXPECT_THAT(refused("aoi", "\x1b[2J", "talk"), HasSubstr("not seen"));
  EXPECT_THAT(refused("aoi", "\u202eあおい", "talk"), HasSubstr("not seen"));
  EXPECT_THAT(refused("aoi", "\u3000", "talk"), HasSubstr("blank"));
  EXPECT_THAT(refused("aoi", std::string(33, 'a'), "talk"), HasSubstr("1 to 32 bytes"));
  EXPECT_THAT(refused("aoi", "\xff", "talk"), HasSubstr("UTF-8"));
  EXPECT_THAT(refused("aoi", "すみれ", "talk"), HasSubstr("is the pseudonym of 'sumire'"));
  EXPECT_THAT(refused("sumire", "あおい", "talk"), HasSubstr("'sumire' already"));
  ASSERT_TRUE(write_file(place / "handed-out/aoi.key", as_bytes("x"), readers::owner));
  EXPECT_THAT(refused("aoi", "あおい", "talk"), HasSubstr("is there already"));
  EXPECT_EQ(*read_file(of.roster()), roster);
}

TEST_F(staff, member_reads_letters_when_told_so_and_as_long) {
  constexpr auto reads = crypto::roster::flag_reads_letters;
  const auto flags = [&](const std::string& id) {
    return believe()->listed.find(crypto::sha256(certificate(id)))->flags;
  };
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_TRUE(sign([&](const issuing& signs) {
    return add_member(of, signs, {"aoi", "あおい", "talk", crypto::role::counselor, place / "handed-out", true},
                      plan.vault_cost, random, [](std::string_view) {});
  }));
  EXPECT_EQ(flags("sumire"), 0u);
  EXPECT_EQ(flags("aoi"), reads);
  const auto set = [&](const std::string& id, bool on) {
    return sign([&](const issuing& signs) { return set_reads_letters(of, signs, id, on); });
  };
  const auto epoch = believe()->listed.epoch;
  ASSERT_TRUE(set("sumire", true));
  ASSERT_TRUE(set("sumire", true)) << "said again, it is no other roster";
  EXPECT_EQ(believe()->listed.epoch, epoch + 1);
  EXPECT_EQ(flags("sumire"), reads);
  ASSERT_TRUE(renew("sumire"));
  EXPECT_EQ(flags("sumire"), reads) << "the newer certificate too";
  ASSERT_TRUE(set("aoi", false));
  EXPECT_EQ(flags("aoi"), 0u);
  ASSERT_TRUE(disable("sumire"));
  EXPECT_EQ(flags("sumire"), crypto::roster::flag_disabled);
  EXPECT_THAT(set("sumire", true).error(), HasSubstr("is disabled, for good"));
  EXPECT_THAT(set("nobody", true).error(), HasSubstr("there is no member 'nobody'"));
}

TEST_F(staff, member_is_disabled_for_good_and_at_once) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_TRUE(add("aoi", "あおい"));
  const crypto::trust before = *believe();
  ASSERT_TRUE(disable("sumire"));
  const auto after = believe(&before);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->check(certificate("sumire"), clock).error(), failure::not_listed);
  EXPECT_TRUE(after->check(certificate("aoi"), clock));
  EXPECT_THAT(renew("sumire").error(), HasSubstr("is disabled, for good"));
  EXPECT_THAT(add("sumire", "すみれ").error(), HasSubstr("who is disabled"));
  for (int months = 0; months < 5; ++months) {
    clock += 30 * day;
    ASSERT_TRUE(renew());
    EXPECT_FALSE(believe()->check(certificate("sumire"), clock));
    EXPECT_TRUE(believe()->check(certificate("aoi"), clock));
  }
  EXPECT_TRUE(add("sumire-2", "すみれ")) << "the pseudonym is free again";
}

TEST_F(staff, disabling_twice_or_nobody_is_told_apart) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_TRUE(disable("sumire"));
  const bytes roster = *read_file(of.roster());
  EXPECT_TRUE(disable("sumire"));
  EXPECT_EQ(*read_file(of.roster()), roster) << "nothing changed";
  EXPECT_THAT(disable("aoi").error(), AllOf(HasSubstr("no member 'aoi'"), HasSubstr("sumire")));
}

TEST_F(staff, certificate_is_renewed_when_it_is_due_or_asked_for_and_the_one_before_stays_good_until_it_expires) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes first = certificate("sumire");
  ASSERT_TRUE(renew());
  EXPECT_EQ(certificate("sumire"), first);
  ASSERT_TRUE(renew("sumire"));
  const bytes second = certificate("sumire");
  EXPECT_NE(second, first);
  EXPECT_TRUE(believe()->check(first, clock));
  EXPECT_TRUE(believe()->check(second, clock));
  clock += 80 * day;
  ASSERT_TRUE(renew());
  EXPECT_THAT(*read_certificates(of, "sumire"), ElementsAre(first, second, testing::_)) << "each leads to the newest";
  EXPECT_TRUE(believe()->check(certificate("sumire"), clock));
  clock += 10 * day;  // the first ended half a day ago
  ASSERT_TRUE(renew("sumire"));
  EXPECT_TRUE(believe()->listed.find(crypto::sha256(first))) << "a talk that began under it may go on";
  clock += day;
  ASSERT_TRUE(renew("sumire"));
  EXPECT_FALSE(believe()->listed.find(crypto::sha256(first)));
}

TEST_F(staff, members_keep_their_keys_when_the_issuer_is_replaced) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const auto opened = crypto::open_key_file(*read_file(place / "handed-out/sumire.key"), passphrase, {});
  clock += 200 * day;
  ASSERT_TRUE(init());  // renews what it holds, the issuer still being good
  clock += 100 * day;
  EXPECT_THAT(renew("nobody").error(), HasSubstr("no member"));
  ASSERT_TRUE(init());
  const auto fields = believe()->check(certificate("sumire"), clock);
  ASSERT_TRUE(fields) << crypto::name(fields.error());
  EXPECT_EQ(believe()->issued_by.epoch, 2u);
  EXPECT_EQ(fields->sign_key, crypto::sign_public(opened->sign));
  EXPECT_EQ(fields->alias, "すみれ");
}

TEST_F(staff, certificate_that_somebody_else_signed_makes_no_member) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  support::small_centre other;
  other.random = support::seeded_random{2};
  std::filesystem::remove_all(other.place.path());
  ASSERT_TRUE(other.init());
  ASSERT_TRUE(other.add("mallory", "もうひとり"));
  ASSERT_TRUE(write_certificates(of, "mallory", {other.certificate("mallory")}));
  EXPECT_THAT(renew().error(), AllOf(HasSubstr(of.certificates("mallory").string()), HasSubstr("not signed by")));
}

TEST_F(staff, roster_is_renewed_before_it_expires_and_left_alone_else) {
  const std::uint64_t first = believe()->listed.epoch;
  clock += 20 * day;
  ASSERT_TRUE(renew());
  EXPECT_EQ(believe()->listed.epoch, first);
  clock += 2 * day;
  ASSERT_TRUE(renew());
  EXPECT_EQ(believe()->listed.epoch, first + 1);
}

TEST_F(staff, issuers_key_is_asked_for_where_it_is_missing_or_another) {
  const bytes key = *read_file(keys.issuer_seed());
  ASSERT_TRUE(write_file(keys.issuer_seed(), random.make_secret<32>().view(), readers::owner));
  EXPECT_THAT(renew().error(), AllOf(HasSubstr(keys.issuer_seed().string()), HasSubstr("not the key of")));
  std::filesystem::remove(keys.issuer_seed());
  EXPECT_THAT(renew().error(), HasSubstr("--keys"));
  std::filesystem::remove(keys.root_seed());
  ASSERT_TRUE(write_file(keys.issuer_seed(), key, readers::owner));
  EXPECT_TRUE(renew()) << "the root key is not needed";
  clock += 352 * day;
  EXPECT_THAT(add("koharu", "こはる").error(), HasSubstr("the issuer is about to expire"));
  clock += 20 * day;
  EXPECT_THAT(renew().error(), HasSubstr("the issuer has expired"));
}

TEST_F(staff, member_can_be_disabled_to_the_issuers_last_day) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  for (const unsigned days : {80u, 80u, 80u, 80u, 40u}) {
    clock += days * day;
    ASSERT_TRUE(renew());
  }
  ASSERT_TRUE(disable("sumire"));
  EXPECT_FALSE(believe()->check(certificate("sumire"), clock));
}

TEST_F(staff, member_stays_disabled_whatever_becomes_of_the_mark_or_of_the_folder) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes enrolled = certificate("sumire");
  ASSERT_TRUE(disable("sumire"));
  std::filesystem::remove(of.disabled("sumire"));
  ASSERT_TRUE(renew());
  EXPECT_THAT(renew("sumire").error(), HasSubstr("is disabled"));
  EXPECT_FALSE(believe()->check(enrolled, clock));
  // Gone, and put back among the drill's, or under another name.
  std::filesystem::remove_all(of.staff("sumire"));
  ASSERT_TRUE(renew());
  EXPECT_FALSE(believe()->check(enrolled, clock));
  const bytes drill = *read_file(of.drill());
  ASSERT_TRUE(write_file(of.drill(), writer().put(drill).put(enrolled).put(block<64>{}).finish(), readers::owner));
  ASSERT_TRUE(write_certificates(of, "somebody", {enrolled}));
  ASSERT_TRUE(renew());
  EXPECT_FALSE(believe()->check(enrolled, clock));
}

TEST_F(staff, member_who_is_disabled_stands_in_the_way_of_no_later_issuer) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_TRUE(add("aoi", "あおい"));
  ASSERT_TRUE(disable("sumire"));
  for (int months = 0; months < 36; ++months) {
    clock += 30 * day;
    ASSERT_TRUE(init()) << "month " << months;
    ASSERT_TRUE(believe()->check(certificate("aoi"), clock)) << "month " << months;
  }
  EXPECT_GT(believe()->issued_by.epoch, 3u);
  EXPECT_FALSE(renew("sumire"));
}

TEST_F(staff, first_certificate_leads_to_the_newest_however_many_there_were) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes first = certificate("sumire");
  for (std::size_t more = 0; more < certificates_kept_max + 3; ++more) ASSERT_TRUE(renew("sumire"));
  const auto all = *read_certificates(of, "sumire");
  EXPECT_EQ(all.size(), certificates_kept_max);
  EXPECT_EQ(all.front(), first);
}

TEST_F(staff, roster_that_was_lost_or_damaged_is_asked_for_and_never_begun_anew) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes roster = *read_file(of.roster());
  std::filesystem::remove(of.roster());
  EXPECT_THAT(renew().error(), AllOf(HasSubstr(of.roster().string()), HasSubstr("Put it back")));
  for (bytes wrong : {bytes{}, bytes(200, 0xff)}) {
    ASSERT_TRUE(write_file(of.roster(), wrong, readers::everyone));
    EXPECT_THAT(renew().error(), AllOf(HasSubstr(of.roster().string()), HasSubstr("put it back")));
  }
  ASSERT_TRUE(write_file(of.roster(), roster, readers::everyone));
  EXPECT_TRUE(renew());
}

TEST_F(staff, folder_that_cannot_be_read_is_told_and_is_not_nobody) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes roster = *read_file(of.roster());
  std::filesystem::remove_all(of.staff("sumire"));
  std::filesystem::create_directory_symlink("sumire", of.staff("sumire"));  // to itself
  EXPECT_THAT(renew().error(), HasSubstr("cannot be read"));
  std::filesystem::remove_all(of.staff());
  ASSERT_TRUE(write_file(of.staff(), as_bytes("x"), readers::owner));
  EXPECT_THAT(renew().error(), HasSubstr("cannot be read"));
  EXPECT_EQ(*read_file(of.roster()), roster);
}

TEST_F(staff, fingerprint_that_is_lost_is_told_also_after_it_was_served) {
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  std::filesystem::remove(of.fingerprint());
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), HasSubstr(of.fingerprint().string()));
  EXPECT_THAT(renew().error(), HasSubstr(of.fingerprint().string()));
}

TEST_F(staff, interrupted_before_the_roster_is_finished_by_renew) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes roster = *read_file(of.roster());
  ASSERT_TRUE(add("aoi", "あおい"));
  ASSERT_TRUE(write_file(of.roster(), roster, readers::everyone));  // as if it had not come so far
  EXPECT_FALSE(believe()->check(certificate("aoi"), clock));
  ASSERT_TRUE(renew());
  EXPECT_TRUE(believe()->check(certificate("aoi"), clock));
}

// --- what a server shows, and never takes back ---

TEST_F(staff, rosters_are_served_in_the_order_of_their_epochs) {
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  for (int more = 0; more < 3; ++more) ASSERT_TRUE(add(fmt::format("m-{}", more), fmt::format("みなと{}", more)));
  const auto served = read_trust_to_serve(of, clock);  // three at once: those between lie in rosters/
  ASSERT_TRUE(served) << served.error();
  EXPECT_EQ(served->trust.listed.epoch, believe()->listed.epoch);
}

TEST_F(staff, roster_that_was_rolled_back_is_not_served_until_there_is_a_newer_one) {
  const bytes first = *read_file(of.roster());
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  const crypto::trust seen = *believe();
  ASSERT_TRUE(write_file(of.roster(), first, readers::everyone));
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), AllOf(HasSubstr("rolled_back"), HasSubstr("staff renew")));
  ASSERT_TRUE(renew());
  EXPECT_TRUE(read_trust_to_serve(of, clock));
  EXPECT_TRUE(believe(&seen)) << "and clients take it, too";
}

TEST_F(staff, roster_that_forks_is_not_served) {
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  const bytes before = *read_file(of.roster());
  ASSERT_TRUE(add("sumire", "すみれ"));
  const bytes one = *read_file(of.roster());
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  // Another of the same epoch, made from a copy of the folder that did not know of the first.
  std::filesystem::remove(of.served());
  ASSERT_TRUE(write_file(of.roster(), before, readers::everyone));
  ASSERT_TRUE(disable("sumire"));
  const bytes other = *read_file(of.roster());
  ASSERT_NE(one, other);
  ASSERT_TRUE(write_file(of.roster(), one, readers::everyone));
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  ASSERT_TRUE(write_file(of.roster(), other, readers::everyone));
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), HasSubstr("forked"));
}

TEST_F(staff, roster_of_a_later_epoch_that_does_not_follow_is_not_served) {
  ASSERT_TRUE(add("sumire", "すみれ"));
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  ASSERT_TRUE(add("aoi", "あおい"));
  ASSERT_TRUE(add("koharu", "こはる"));
  std::filesystem::remove(of.roster(3));  // of the three, the one in the middle
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), HasSubstr("does not follow from roster 2"));
}

TEST_F(staff, centre_file_that_was_rolled_back_is_not_served) {
  const bytes first = *read_file(of.centre_file());
  plan.page = "{\"name\":\"another\"}";
  ASSERT_TRUE(init());
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  ASSERT_TRUE(write_file(of.centre_file(), first, readers::everyone));
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), HasSubstr("rolled_back"));
}

TEST_F(staff, what_is_served_may_have_expired_since) {
  ASSERT_TRUE(read_trust_to_serve(of, clock));
  clock += 100 * day;
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), AllOf(HasSubstr("expired"), HasSubstr("staff renew")));
  ASSERT_TRUE(renew());
  EXPECT_TRUE(read_trust_to_serve(of, clock));
}

TEST_F(staff, damaged_record_of_what_was_served_is_told) {
  ASSERT_TRUE(write_file(of.served(), as_bytes("x"), readers::owner));
  EXPECT_THAT(read_trust_to_serve(of, clock).error(), HasSubstr(of.served().string()));
}

}  // namespace
}  // namespace tomoshibi
