// The server's log, on standard error: for the journal one JSON object a line, for a person at a terminal sentences.
// No line carries text, key, address, name or conversation.
#pragma once

#include <cstdint>

namespace tomoshibi {

enum class log_form : std::uint8_t {
  json,   // {"time":"2026-11-24T12:34:56.789Z","level":"warning","text":"..."}
  plain,  // 12:34:56 warning: ...
};

log_form usual_log_form();  // plain where standard error is a terminal
void start_log(log_form form);

}  // namespace tomoshibi
