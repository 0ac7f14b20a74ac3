// A body as gzip, RFC 1952, for pages that are drawn while somebody waits. What is built is compressed beforehand.
#pragma once

#include <string>
#include <string_view>

namespace tomoshibi {

std::string gzip(std::string_view plain);

}  // namespace tomoshibi
