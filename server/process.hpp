// What a server asks of the process that it is.
#pragma once

#include <cstddef>

namespace tomoshibi {

// As many files as the system allows: each connection is one, and the usual 1,024 are soon taken.
std::size_t take_all_files();

// A process that is aborted leaves no image of its memory behind: the storage key is in it.
void leave_no_core_dump();

// A file at the limit that this process is given is a full disk: the write fails, and the process lives.
void take_full_files_as_errors();

// The one that this process is controlled by, which is none once it was closed.
bool has_terminal();

}  // namespace tomoshibi
