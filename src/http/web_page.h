// Pages customised for pistreaming: its placeholders, filled in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/media/video_format.h"

namespace pistream {

struct PageValues {
  std::string host;      // as the browser calls us, without the port
  uint16_t ws_port = 0;  // where a classic player finds the stream at "/"
  Size size;
};

// Replaces @ADDRESS@ and ${ADDRESS} (host:port of the classic WebSocket), ${WS_PORT}, ${WIDTH},
// ${HEIGHT}, and ${COLOR} and ${BGCOLOR} by pistreaming's defaults. Anything else stays.
std::string FillPlaceholders(std::string_view page, const PageValues& values);

}  // namespace pistream
