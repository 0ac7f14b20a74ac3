// The program as a user starts it: another process, stopped by its id.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.hpp"

extern char** environ;

namespace tomoshibi::support {

inline std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class program {
 public:
  // Standard output and error go to `log`. `terminal`: it is started at this one, else at the test's own.
  program(std::vector<std::string> arguments, const std::filesystem::path& log, const std::string& terminal = "")
      : log_(log) {
    arguments.insert(arguments.begin(), TOMOSHIBI_PROGRAM);
    std::vector<char*> raw;
    for (std::string& each : arguments) raw.push_back(each.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawnattr_t session;
    posix_spawnattr_init(&session);
    if (!terminal.empty()) {  // the first one that the leader of a session opens controls it
      posix_spawnattr_setflags(&session, POSIX_SPAWN_SETSID);
      posix_spawn_file_actions_addopen(&actions, 0, terminal.c_str(), O_RDWR, 0);
    }
    const int failed = ::posix_spawn(&id_, TOMOSHIBI_PROGRAM, &actions, &session, raw.data(), environ);
    posix_spawnattr_destroy(&session);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("the program cannot be started");
  }
  ~program() {
    if (id_ > 0) stop(SIGKILL);
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  // Sends the signal, waits for the end, and gives the exit status (-1: it ended by the signal).
  int stop(int signal) {
    this->signal(signal);
    return wait();
  }
  void signal(int which) const { ::kill(id_, which); }
  int wait() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool runs() const { return id_ > 0 && ::waitpid(id_, nullptr, WNOHANG) == 0; }
  pid_t id() const { return id_; }
  std::string said() const { return contents_of(log_); }

 private:
  pid_t id_ = -1;
  std::filesystem::path log_;
};

struct answer {
  int status = 0;
  std::string said;
};

inline answer run_program(std::vector<std::string> arguments) {
  const temporary_folder place;
  program one(std::move(arguments), place / "log");
  const int status = one.wait();
  return {status, contents_of(place / "log")};
}

}  // namespace tomoshibi::support
