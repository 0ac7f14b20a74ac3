// The course of a drill, decided beforehand: when a text is due, and after how many texts something goes wrong. What
// the server does moves neither.
#pragma once

#include <cstddef>
#include <optional>

#include "server/drill/latencies.hpp"

namespace tomoshibi::drill {

// Texts at a fixed rate, whether or not those before them have come back. A server that stands still does not put
// off what is due: it is said late, and its latency counts from when it was due.
class schedule {
 public:
  explicit schedule(double texts_per_second)
      : pause_(std::chrono::duration_cast<moment::duration>(std::chrono::duration<double>(1 / texts_per_second))) {}

  // When the next text is due. Begins with the first question.
  moment next(moment now) {
    if (!next_) next_ = now;
    return *next_;
  }
  void said() { *next_ += pause_; }
  // Nobody is there to say anything, and nobody waits for it: begins anew with the next question.
  void rest() { next_.reset(); }

 private:
  moment::duration pause_;
  std::optional<moment> next_;
};

// What happens to people in the middle of a talk.
enum class mishap {
  reload,  // a page begins again, with nothing but what it kept
  cut,     // a network is gone without a word
  exit,    // a survivor leaves by exit
};
inline constexpr mishap every_mishap[] = {mishap::reload, mishap::cut, mishap::exit};

struct mishap_counts {
  std::size_t reloads = 0, cuts = 0, exits = 0;
};

// Each kind of mishap, evenly over so many texts.
class mishaps {
 public:
  mishaps(const mishap_counts& wanted, std::size_t texts)
      : wanted_{wanted.reloads, wanted.cuts, wanted.exits}, texts_(texts) {}
  // After so many texts; stays due until it `happened`.
  bool due(mishap what, std::size_t texts) const;
  void happened(mishap what) { ++happened_[static_cast<std::size_t>(what)]; }
  mishap_counts counts() const { return {happened_[0], happened_[1], happened_[2]}; }

 private:
  std::size_t wanted_[3], happened_[3] = {};
  std::size_t texts_;
};

}  // namespace tomoshibi::drill
