// What a request is answered with, and in which of its encodings. Text in, text out: no socket here.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tomoshibi::net {

using shared_body = std::shared_ptr<const std::string>;  // of every answer that carries it

struct page {
  unsigned status = 200;
  std::string type;  // Content-Type
  shared_body body;
  shared_body br{}, gzip{};  // the same, compressed beforehand; or none
};

// The compressions that a client takes beside the body as it is.
struct encodings {
  bool br = false, gzip = false;
};

// Of an Accept-Encoding header, RFC 9110 section 12.5.3. A malformed one is as none: every client takes the body as
// it is.
encodings read_accept_encoding(std::string_view header);

struct encoded {
  std::string_view name;  // Content-Encoding; empty: as it is
  shared_body body;
};

// br before gzip, whatever their weights: it is the smaller one. The body as it is comes last, and is never refused.
encoded choose(const page& from, encodings taken);

}  // namespace tomoshibi::net
