// Durable enqueue: 1 KiB mail, one by one against 16 and 64 in flight; and the same for conversations that come and
// go, each of which has a key to be written or overwritten. Each figure is the median of interleaved rounds.
//
//   storage_bench [folder [rounds]]   the folder decides which disk is measured; 7 rounds unless told
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>

#include "storage/sqlite_store.hpp"

using namespace tomoshibi;
using clock_type = std::chrono::steady_clock;

namespace {

constexpr std::size_t conversations = 100;
constexpr std::chrono::milliseconds round_length{1'000};

storage::conversation_key conversation_of(std::uint64_t number) {
  return {static_cast<byte>(number % conversations)};
}

using kind = storage::write (*)(std::uint64_t number);

storage::write mail(std::uint64_t number) {
  return storage::put_mail{conversation_of(number), storage::direction::to_survivor, number, bytes(1024, 'x')};
}

// By turns: a new conversation, and the end of one that came a hundred batches ago.
storage::write coming_or_going(std::uint64_t number) {
  storage::conversation_key key{0xff};
  const std::uint64_t which = number % 2 == 0 ? number : number - 101;
  for (std::size_t at = 0; at < 8; ++at) key[8 + at] = static_cast<byte>(which >> (8 * at));
  if (number % 2 == 0) return storage::put_conversation{key, bytes(400)};
  return storage::erase_conversation{key};
}

// Keeps `in_flight` batches under way for one round; each completion sends the next. Batches per second.
double measure(storage::store& into, kind of, std::size_t in_flight, std::uint64_t& number) {
  const auto began = clock_type::now();
  std::uint64_t stored = 0;  // completions come one at a time
  std::size_t under_way = in_flight;
  std::promise<void> finished;
  std::function<void()> send = [&] {
    ++number;
    into.submit({number, {of(number)}}, [&](storage::completion done) {
      if (!done.result) {
        std::fprintf(stderr, "%s\n", done.result.error().what.c_str());
        std::exit(1);
      }
      ++stored;
      if (clock_type::now() - began < round_length) return send();
      if (--under_way == 0) finished.set_value();
    });
  };
  std::promise<void> started;  // the first ones are sent from the store's thread too, so that `number` has one writer
  into.submit({0, {}}, [&](storage::completion) {
    for (std::size_t n = 0; n < in_flight; ++n) send();
    started.set_value();
  });
  started.get_future().wait();
  finished.get_future().wait();
  return static_cast<double>(stored) / std::chrono::duration<double>(clock_type::now() - began).count();
}

std::chrono::duration<double, std::milli> start(const std::filesystem::path& file, crypto::random_source& random) {
  const storage::sqlite_settings settings{.file = file, .key = random.make_secret<32>()};
  storage::batch filling;
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    const storage::conversation_key key{static_cast<byte>(n), static_cast<byte>(n >> 8)};
    filling.writes.push_back(storage::put_conversation{key, bytes(400)});
    for (std::uint64_t m = 1; m <= 4; ++m) {
      filling.writes.push_back(storage::put_mail{key, storage::direction::to_survivor, m, bytes(4096)});
    }
  }
  (*storage::open_sqlite_store(settings, random))->submit(std::move(filling), [](storage::completion) {});
  const auto began = clock_type::now();
  auto opened = storage::open_sqlite_store(settings, random);
  if (!opened || (*opened)->load()->size() != 1'000) std::exit(1);
  return clock_type::now() - began;
}

void remove_store(const std::filesystem::path& file) {
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + "-wal");
  std::filesystem::remove(storage::slot_file_of(file));
}

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 7;
  const std::filesystem::path file = folder / "storage_bench.db";
  crypto::system_random random;
  const std::size_t in_flight[] = {1, 16, 64};
  const struct {
    const char* name;
    kind of;
  } kinds[] = {{"mail", mail}, {"conversations", coming_or_going}};
  std::vector<double> figures[2][3];
  {
    auto opened = storage::open_sqlite_store({.file = file, .key = random.make_secret<32>()}, random);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().what.c_str());
      return 1;
    }
    std::promise<void> ready;
    storage::batch first;
    for (std::size_t n = 0; n < conversations; ++n) {
      first.writes.push_back(storage::put_conversation{conversation_of(n), bytes(400)});
    }
    (*opened)->submit(std::move(first), [&](storage::completion) { ready.set_value(); });
    ready.get_future().wait();
    std::uint64_t number = 0;
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t k = 0; k < 2; ++k) {
        for (std::size_t n = 0; n < 3; ++n) {
          figures[k][n].push_back(measure(**opened, kinds[k].of, in_flight[n], number));
        }
      }
    }
  }
  remove_store(file);
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t n = 0; n < 3; ++n) {
      const double of = median(figures[k][n]);
      std::printf("%2zu in flight: %8.0f %s/s, %5.1f times one by one\n", in_flight[n], of, kinds[k].name,
                  of / median(figures[k][0]));
    }
  }
  std::printf("start with 1,000 conversations: %.0f ms\n", start(file, random).count());
  remove_store(file);
}
