// What the kernel knows of a connection's line.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace pistream {

// What the kernel knows of a connection's line.
struct LineAccount {
  size_t unacknowledged_bytes = 0;             // sent or not, of those that the socket took
  std::chrono::microseconds minimum_rtt{0};    // of the last minutes
  std::chrono::microseconds rtt{0};            // smoothed
  std::chrono::microseconds rtt_variation{0};  // mean deviation
  bool repairs_loss = false;  // packets are missing: acknowledgements stand still until they come
};

// Nothing if the kernel does not tell.
std::optional<LineAccount> GetLineAccount(int fd);
// The first member alone, which costs a tenth. 0 if the kernel does not tell.
size_t GetUnacknowledgedBytes(int fd);

}  // namespace pistream
