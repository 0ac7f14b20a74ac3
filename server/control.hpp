// The way to a running server from a terminal on its own machine: a Unix socket in the centre's folder, which the
// server's user alone may open. A request is one line, the answer is one line of JSON.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "server/folder.hpp"

namespace tomoshibi {

inline constexpr std::size_t control_request_bytes_max = 256;

// The server's end. A socket that a killed server left behind is replaced: the caller holds the store, so no other
// server of this centre runs.
class control {
 public:
  // `answer` is called on the io_context's thread, and gives a line without its newline. Throws std::runtime_error
  // with a sentence.
  control(boost::asio::io_context& io, const std::filesystem::path& socket,
          std::function<std::string(std::string_view request)> answer);
  ~control();  // and the socket is gone

 private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

// The other end: the answer of the centre's running server; none: no server runs. At most 10 s.
file_result<std::optional<std::string>> ask_server(const folder& of, std::string_view request);

}  // namespace tomoshibi
