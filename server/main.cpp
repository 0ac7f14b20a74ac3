// The program: one subcommand for each thing it does. They lie in server/command/.
#include "server/command/command.hpp"

int main(int argc, char** argv) {
  CLI::App program("A secure, anonymous consultation chat server.", "tomoshibi");
  program.require_subcommand(1);
  program.set_version_flag("--version", TOMOSHIBI_VERSION);
  int status = 0;
  for (const auto add :
       {tomoshibi::command::add_init, tomoshibi::command::add_serve, tomoshibi::command::add_sheets,
        tomoshibi::command::add_staff, tomoshibi::command::add_status, tomoshibi::command::add_drill})
    add(program, status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return program.exit(wrong);
  } catch (const std::exception& failed) {  // the system's, where no sentence of ours was ready
    return tomoshibi::command::refuse(failed.what());
  }
  return status;
}
