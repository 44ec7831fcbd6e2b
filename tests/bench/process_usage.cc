#include "tests/bench/process_usage.h"

#include <filesystem>
#include <fstream>
#include <numeric>

namespace pistream::bench {
namespace {

namespace fs = std::filesystem;

std::string FirstLine(const fs::path& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

// schedstat's first number: nanoseconds on a CPU. /proc/PID/stat counts in ticks of 10 ms.
int64_t CpuNsOf(const fs::path& task) {
  int64_t ns = 0;
  std::ifstream(task / "schedstat") >> ns;
  return ns;
}

int64_t RssAnonKib(const fs::path& process) {
  std::ifstream status(process / "status");
  std::string name;
  while (status >> name) {
    if (name == "RssAnon:") {
      int64_t kib = 0;
      status >> kib;
      return kib;
    }
    std::getline(status, name);
  }
  return 0;
}

}  // namespace

int64_t ProcessUsage::CpuNs() const {
  return std::accumulate(cpu_ns_by_thread.begin(), cpu_ns_by_thread.end(), int64_t{0},
                         [](int64_t sum, const auto& thread) { return sum + thread.second; });
}

ProcessUsage ReadProcessUsage(pid_t pid) {
  const fs::path process = fs::path("/proc") / std::to_string(pid);
  ProcessUsage usage;
  std::error_code gone;
  for (const auto& task : fs::directory_iterator(process / "task", gone)) {
    usage.cpu_ns_by_thread[FirstLine(task.path() / "comm")] += CpuNsOf(task.path());
    ++usage.threads;
  }
  usage.rss_anon_kib = RssAnonKib(process);
  for ([[maybe_unused]] const auto& file : fs::directory_iterator(process / "fd", gone)) {
    ++usage.open_files;
  }
  return usage;
}

}  // namespace pistream::bench
