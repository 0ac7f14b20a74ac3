#include "server/gzip.hpp"

#include <zlib.h>

#include <new>

namespace tomoshibi {

std::string gzip(std::string_view plain) {
  constexpr int as_gzip = 16 + MAX_WBITS, memory = 8;
  z_stream state{};
  if (deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, as_gzip, memory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&state, plain.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));  // zlib only reads it
  state.avail_in = static_cast<uInt>(plain.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);  // ends at once, for the bound has room for all of it
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

}  // namespace tomoshibi
