#include "tests/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace pistream {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2 failed");
  }
  return {ends[0], ends[1]};
}

std::vector<std::string> CommandLine(const std::vector<std::string>& arguments) {
  const char* const program = std::getenv("PISTREAM");
  if (program == nullptr) {
    throw std::runtime_error("PISTREAM does not name the program under test");
  }
  std::vector<std::string> line;
  if (const char* const emulator = std::getenv("PISTREAM_EMULATOR")) {
    line.emplace_back(emulator);
  }
  line.emplace_back(program);
  line.insert(line.end(), arguments.begin(), arguments.end());
  return line;
}

// Appends the available data; false at end of file.
bool ReadSome(int fd, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count <= 0) {
    return false;
  }
  text.append(buffer.data(), static_cast<size_t>(count));
  return true;
}

std::string ReadLineOf(int fd) {
  std::string line;
  char letter = 0;
  while (read(fd, &letter, 1) == 1 && letter != '\n') {
    line += letter;
  }
  return line;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments) {
  const Pipe out = MakePipe();
  const Pipe err = MakePipe();
  std::vector<std::string> line = CommandLine(arguments);
  std::vector<char*> argv;
  for (std::string& word : line) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out.write);
  close(err.write);
  out_ = out.read;
  err_ = err.read;
  if (failed != 0) {
    pid_ = 0;
    throw std::runtime_error("cannot start " + line[0]);
  }
}

Program::~Program() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
  close(err_);
}

std::string Program::ReadLine() { return ReadLineOf(out_); }

std::string Program::ReadErrorLine() { return ReadLineOf(err_); }

void Program::Signal(int number) const { kill(pid_, number); }

Program::Ending Program::Wait() {
  Ending ending;
  std::array<pollfd, 2> pipes{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
    poll(pipes.data(), pipes.size(), -1);
    if (pipes[0].revents != 0 && !ReadSome(out_, ending.out)) {
      pipes[0].fd = -1;
    }
    if (pipes[1].revents != 0 && !ReadSome(err_, ending.err)) {
      pipes[1].fd = -1;
    }
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  ending.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ending;
}

}  // namespace pistream
