// A file that is served from memory.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pistream {

// Points to memory that lives as long as the program.
struct Asset {
  std::string_view path;          // as in the URL, with the leading slash: "/index.html"
  std::string_view content_type;  // "text/html; charset=utf-8"
  std::span<const uint8_t> bytes;
};

}  // namespace pistream
