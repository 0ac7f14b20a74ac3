// Does the time of an answer tell whether a return phrase is known? A real centre in this process is shown, in pairs
// and in random order, phrases that it does not know and ones that it knows, signed wrongly. Prints the medians'
// ratio and how well the time alone would tell them apart (0.5: not at all), with the bounds between which a fair
// coin stays in 99.9 % of runs.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "tests/centre/post_house.hpp"

namespace tomoshibi::centre {
namespace {

constexpr unsigned letters = 200;

double microseconds_of(post_house& in, const wire::show_return& said) {
  static connection_id who = 1'000;
  in.open(++who);
  const bytes message = wire::encode(wire::client_message{said});
  const auto before = std::chrono::steady_clock::now();
  in.at->received(who, message, in.now);
  const auto after = std::chrono::steady_clock::now();
  in.hang_up(who);
  in.heard.clear();
  in.bounds.clear();
  in.ended.clear();
  return std::chrono::duration<double, std::micro>(after - before).count();
}

double median(std::vector<double> all) {
  std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
  return all[all.size() / 2];
}

// Mann and Whitney: how often one of the first is above one of the second; ties count half.
double rank_statistic(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> sorted = second;
  std::ranges::sort(sorted);
  double above = 0;
  for (const double each : first) {
    const auto [from, to] = std::ranges::equal_range(sorted, each);
    above += static_cast<double>(from - sorted.begin()) + 0.5 * static_cast<double>(to - from);
  }
  return above / static_cast<double>(first.size()) / static_cast<double>(second.size());
}

int run(std::size_t pairs) {
  post_house in;
  in.staff_it();
  in.open(1);
  for (unsigned n = 1; n <= letters; ++n) {
    const post_house::phrase with = post_house::phrase_of(static_cast<byte>(n));
    in.now += desk::letters_begun.pause;
    in.deposit(1, static_cast<byte>(n), &with);
  }
  support::seeded_random random{3};
  std::vector<double> unknown, wrong;
  for (std::size_t pair = 0; pair < pairs + pairs / 10; ++pair) {
    const auto made = random.make_block<64>();  // a signature's form, of nobody
    const auto known = post_house::phrase_of(static_cast<byte>(1 + random.make_block<1>()[0] % letters));
    wire::show_return first{random.make_block<32>(), false, made}, second{known.locator, false, made};
    first.made[63] &= 0x0f, second.made[63] &= 0x0f;  // S below the order, or it is refused before the work
    const bool swapped = random.make_block<1>()[0] % 2 == 1;
    const double a = microseconds_of(in, swapped ? second : first), b = microseconds_of(in, swapped ? first : second);
    if (pair < pairs / 10) continue;  // until it is warm
    unknown.push_back(swapped ? b : a);
    wrong.push_back(swapped ? a : b);
  }
  const double n = static_cast<double>(pairs), told_apart = rank_statistic(unknown, wrong);
  const double coin = 3.29 * std::sqrt((2 * n + 1) / (12 * n * n));
  std::printf("%zu pairs, %u letters\nunknown %.2f us, known and signed wrongly %.2f us, ratio of medians %.4f\n",
              pairs, letters, median(unknown), median(wrong), median(unknown) / median(wrong));
  std::printf("rank statistic %.4f; a coin: %.4f to %.4f\n", told_apart, 0.5 - coin, 0.5 + coin);
  return 0;
}

}  // namespace
}  // namespace tomoshibi::centre

int main(int count, char** arguments) {
  return tomoshibi::centre::run(count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 20'000);
}
