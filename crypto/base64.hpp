// RFC 4648, section 4: with padding.
#pragma once

#include <string>

#include "crypto/bytes.hpp"

namespace tomoshibi::crypto {

std::string to_base64(bytes_view in);

}  // namespace tomoshibi::crypto
