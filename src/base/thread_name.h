// Names of threads, as seen in `top -H`, gdb and every log line.
#pragma once

#include <string>

namespace pistream {

// Names the calling thread. At most 15 bytes are kept (Linux).
void SetThreadName(const std::string& name);
std::string ThreadName();

}  // namespace pistream
