// Runs the executable as a child process, for tests of its behaviour in a shell.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace pistream {

// Starts the program named by the environment variable PISTREAM (a runfile), through the emulator
// in PISTREAM_EMULATOR if there is one. Kills it when destroyed. All calls block until the event
// they wait for; only the time limit of the test ends a call that hangs.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next line of stdout, without its end; empty at end of file.
  std::string ReadLine();
  // The same of stderr.
  std::string ReadErrorLine();

  void Signal(int number) const;

  struct Ending {
    int exit_code = 0;  // 128 + number if a signal terminated it, as in shells
    std::string out;    // the part that ReadLine has not returned
    std::string err;    // the same
  };
  Ending Wait();

 private:
  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace pistream
