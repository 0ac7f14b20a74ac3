// The private half of a member's inbox keys: one X-Wing seed for each local day on which letters may be written to
// them. PROTOCOL.md, "Inbox keys".
//
// Kept by its member alone, sealed, on the device or in a file; a renewed certificate keeps it. A seed that is
// destroyed is gone for good: the letters of its day can then be read by nobody whose seed is gone.
#pragma once

#include <map>
#include <vector>

#include "crypto/objects.hpp"

namespace tomoshibi::crypto {

inline constexpr local_day inbox_days_ahead = 21;   // today and the 20 days after it always have a key
inline constexpr local_day inbox_days_behind = 16;  // a key is never older, staffed or not
// A day is told to one day's exactness, so it may go back by two: keys made ahead of it stay until then.
inline constexpr local_day inbox_days_slack = 2;
inline constexpr std::size_t inbox_days_max = inbox_days_behind + inbox_days_ahead + inbox_days_slack;

class inbox {
 public:
  // Destroys what is over and makes what is missing. `today`: the centre's local day. `keep_from`: the last staffed
  // day before it; keys of the days before that, and of days before today - 16, are destroyed. One that is later than
  // `today` counts as today: no key is destroyed before its day is over. True if anything changed: seal it before the
  // new public keys are shown to anybody.
  bool keep(local_day today, local_day keep_from, random_source& random);

  std::vector<local_day> days() const;              // that have a key, ascending
  const kem_secret_key* find(local_day day) const;  // none: never made, or destroyed
  // t1/inbox by this certificate, the same bytes each time it is asked for. None: no key of that day.
  std::optional<bytes> signed_key(local_day day, const identity& who) const;

  // `who`: only the two seeds count, which a renewed certificate keeps.
  bytes seal(const identity& who, random_source& random) const;
  // malformed: length, version, or days that do not ascend or are too many; cannot_open.
  static result<inbox> open(bytes_view sealed, const identity& who);

 private:
  std::map<local_day, kem_secret_key> seeds_;
};

}  // namespace tomoshibi::crypto
