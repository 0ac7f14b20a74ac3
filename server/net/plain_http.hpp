// What is said over plain HTTP, where everybody on the way may read and write along: the way to HTTPS, and what an
// authority that issues certificates asks for (ACME, RFC 8555 section 8.3). No page, and nothing that a request
// brought but a plain path.
#pragma once

#include <string>

#include "server/net/request.hpp"

namespace tomoshibi::net {

inline constexpr std::size_t challenge_bytes_max = 1024;  // token, dot and thumbprint are about 90

// Why an authority could be shown nothing in it, in a sentence; empty if it could, or if there is none.
std::string fault_of_acme_folder(const std::string& acme_folder);

// The whole answer, after which the connection ends. `acme_folder`: the webroot of an ACME client; empty: none.
std::string answer_plainly(const plain_request& asked, const std::string& acme_folder);

}  // namespace tomoshibi::net
