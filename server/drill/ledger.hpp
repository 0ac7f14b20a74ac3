// Every text of a drill, from said to read: what was said is known word for word, so what arrives can be checked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/objects.hpp"
#include "crypto/random.hpp"

namespace tomoshibi::drill {

enum class speaker : byte { survivor, counselor };

struct totals {
  std::uint64_t sent = 0;        // texts said
  std::uint64_t delivered = 0;   // read by the peer, word for word, and known as delivered to who said them
  std::uint64_t lost = 0;        // sent and not delivered
  std::uint64_t duplicated = 0;  // shown to the peer more than once
  std::uint64_t reordered = 0;   // shown before a text that was said earlier
  std::uint64_t altered = 0;     // shown, but never said
  bool clean() const { return sent > 0 && lost == 0 && duplicated == 0 && reordered == 0 && altered == 0; }
};

// Every text of a drill begins with it, so that a search of what a server leaves behind knows what to look for.
inline constexpr std::string_view text_marker = "a word said in a drill";

class ledger {
 public:
  // A text that nobody else ever says: mostly a line or two, some long enough to need several frames.
  std::string next_text(const crypto::conversation_id& in, speaker who, crypto::random_source& random);
  void said(const crypto::conversation_id& in, speaker who, std::string text, const block<16>& id);
  void read(const crypto::conversation_id& in, speaker by, std::string_view text);
  void delivered(const crypto::conversation_id& in, speaker who, const block<16>& id);

  std::size_t count_said(const crypto::conversation_id& in, speaker who) const;
  std::size_t count_delivered(const crypto::conversation_id& in, speaker who) const;
  totals sum() const;

 private:
  struct entry {
    std::string text;
    block<16> id{};
    bool read = false, delivered = false;
  };
  struct side {
    std::vector<entry> texts;  // in the order said
    std::size_t next_to_read = 0, delivered = 0;
    std::uint64_t duplicated = 0, reordered = 0, altered = 0;
  };
  using key = std::pair<crypto::conversation_id, speaker>;
  std::map<key, side> sides_;
};

}  // namespace tomoshibi::drill
