// The real executable as a child process, for tests of what a user at a shell meets.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace pistream {

// Starts the program named by the environment variable PISTREAM (a runfile), through the emulator
// in PISTREAM_EMULATOR if there is one. Kills it when destroyed. All calls block until the event
// they wait for; the test's own time limit is the watchdog.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next line of stdout, without its end; empty at end of file.
  std::string ReadLine();

  void Signal(int number) const;

  struct Ending {
    int exit_code = 0;  // 128 + number if a signal ended it, as shells say
    std::string out;    // what ReadLine has not taken
    std::string err;
  };
  Ending Wait();

 private:
  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace pistream
