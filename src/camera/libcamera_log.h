// libcamera's own log lines, as pistream's.
#pragma once

namespace pistream {

// Its errors become warnings (whether one matters is told by the call that fails), the rest debug
// lines. To be called before libcamera is used; harmless to repeat. Whoever sets
// LIBCAMERA_LOG_FILE keeps libcamera's own log.
void RouteLibcameraLog();

}  // namespace pistream
