#pragma once

#include <string>

namespace pistream {

// The version of the loaded libavcodec, "61.19.101", which may differ from that of the build.
std::string LibavcodecVersion();

}  // namespace pistream
