// The subcommands of the program. Each adds itself to the command line; when it is run it sets `status`, the exit
// status of the program, and says in a sentence what went wrong.
#pragma once

#include <string_view>

#include <CLI/CLI.hpp>

#include "server/folder.hpp"

namespace tomoshibi::command {

// Bad input, or a state of the machine that must be mended first: prints the sentence, gives the exit status 2.
int refuse(std::string_view why);

// A server that runs takes the folder's new signed files at once. Says what came of it; false: it refused them.
bool tell_server(const folder& of);

void add_init(CLI::App& program, int& status);
void add_serve(CLI::App& program, int& status);
void add_sheets(CLI::App& program, int& status);
void add_staff(CLI::App& program, int& status);
void add_status(CLI::App& program, int& status);
void add_drill(CLI::App& program, int& status);

}  // namespace tomoshibi::command
