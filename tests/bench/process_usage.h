// What another process has used so far, as the kernel tells it in /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace pistream::bench {

struct ProcessUsage {
  std::map<std::string, int64_t> cpu_ns_by_thread;  // by thread name, summed where names repeat
  int64_t rss_anon_kib = 0;                         // private memory that is resident
  int open_files = 0;
  int threads = 0;

  int64_t CpuNs() const;
};

// Empty for a process that is gone.
ProcessUsage ReadProcessUsage(pid_t pid);

}  // namespace pistream::bench
