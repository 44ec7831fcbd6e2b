// libavcodec's own messages, in pistream's log.
#pragma once

namespace pistream {

// From now on, for the whole process, what FFmpeg's libraries have to say goes to src/base/log.h
// and not to stderr. Thread-safe; calls after the first do nothing.
void RouteLibavLog();

}  // namespace pistream
