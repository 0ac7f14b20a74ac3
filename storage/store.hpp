// The store of one centre: conversations and the mail that waits in them. It knows bytes, not messages, and seals
// every value before it touches the disk. No Asio: completions come on the store's own thread.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "crypto/bytes.hpp"

namespace tomoshibi::storage {

using conversation_key = block<16>;
enum class direction : byte { to_counselor = 0, to_survivor = 1 };

// --- what a batch may do, in order ---
struct put_conversation {  // creates or replaces
  conversation_key conversation{};
  bytes value;  // at most value_bytes_max
};
struct erase_conversation {  // and all its mail; once completed, nothing that the disk still has of it can be opened
  conversation_key conversation{};
};
struct put_mail {  // of a conversation that is there; else an error
  conversation_key conversation{};
  direction to{};
  std::uint64_t number = 0;  // below 2^63, unique within (conversation, direction); putting one twice is an error
  bytes value;
};
struct erase_mail {  // all numbers up to and including `through`
  conversation_key conversation{};
  direction to{};
  std::uint64_t through = 0;
};
using write = std::variant<put_conversation, erase_conversation, put_mail, erase_mail>;
inline constexpr std::size_t value_bytes_max = 8192;

struct batch {
  std::uint64_t number = 0;  // the caller's; completions carry it
  std::vector<write> writes;
};

struct failure {
  std::string what;  // for the log: what failed and the operating system's reason; no payload, no key
};

struct completion {
  std::uint64_t number = 0;
  std::expected<void, failure> result;  // success: durable, it survives power loss
};

struct stored_mail {
  direction to{};
  std::uint64_t number = 0;
  bytes value;
};
struct stored_conversation {
  conversation_key conversation{};
  bytes value;
  std::vector<stored_mail> mail;  // sorted by direction, then number
};

// All of a batch is committed, or none of it. Batches are committed in the order submitted, several at once where
// they wait together; when one fails, those committed with it fail too, and so does everything submitted until the
// next `load` (so that nothing is built on what is not there, however late the caller hears of it). What failed may
// be there all the same: `load` says.
class store {
 public:
  virtual ~store() = default;
  // Never blocks on the disk. `done` is called exactly once, on a thread of the store's choosing, in the order
  // submitted; it may submit and load, and must not throw.
  virtual void submit(batch work, std::function<void(completion)> done) = 0;
  // Everything that is committed. Called at start, and after a failure once every completion has been delivered.
  // Fails while the disk refuses to let go of what was erased.
  virtual std::expected<std::vector<stored_conversation>, failure> load() = 0;
};

}  // namespace tomoshibi::storage
