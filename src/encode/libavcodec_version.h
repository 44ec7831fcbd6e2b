#pragma once

#include <string>

namespace pistream {

// The libavcodec this process runs with, "61.19.101": not necessarily the one it was built with.
std::string LibavcodecVersion();

}  // namespace pistream
