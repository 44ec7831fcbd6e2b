// Replaces the placeholders of pages made for pistreaming.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/media/video_format.h"

namespace pistream {

struct PageValues {
  std::string host;      // of the request, without the port
  uint16_t ws_port = 0;  // of the stream at "/" for classic players
  Size size;
};

// Replaces @ADDRESS@ and ${ADDRESS} (host:port of the classic WebSocket), ${WS_PORT}, ${WIDTH},
// ${HEIGHT}, and ${COLOR} and ${BGCOLOR} by pistreaming's defaults. Other text is unchanged.
std::string FillPlaceholders(std::string_view page, const PageValues& values);

}  // namespace pistream
