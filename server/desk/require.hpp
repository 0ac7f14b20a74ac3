// What must hold if the code is right. If it does not, the process ends: it restarts from the store, and nothing that
// was acknowledged is lost. In every build.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace tomoshibi::desk {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "this must hold and does not: %s\n", what);
  std::abort();
}

}  // namespace tomoshibi::desk
