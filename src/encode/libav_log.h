// Messages of FFmpeg's libraries in pistream's log.
#pragma once

namespace pistream {

// Redirects the messages of FFmpeg's libraries from stderr to src/base/log.h, for the whole
// process. Thread-safe; calls after the first have no effect.
void RouteLibavLog();

}  // namespace pistream
