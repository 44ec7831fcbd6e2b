// Replaces the placeholders of pages made for pistreaming.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/media/video_format.h"

namespace pistream {

struct PageValues {
  std::string host;       // of the request, without the port
  uint16_t ws_port = 0;   // of the WebSocket for classic players
  std::string path = {};  // of the page's stream on that port: "/streams/door"; empty at the root
  Size size;
};

// Replaces @ADDRESS@ and ${ADDRESS} (host:port of the classic WebSocket, and the path), ${WS_PORT}
// (and the path, if a slash follows), ${WIDTH}, ${HEIGHT}, and ${COLOR} and ${BGCOLOR} by
// pistreaming's defaults. Other text is unchanged.
std::string FillPlaceholders(std::string_view page, const PageValues& values);

}  // namespace pistream
