// libcamera's own log lines, as pistream's.
#pragma once

namespace pistream {

// Debug lines, but for its errors while a camera runs, which are warnings ("camera frontend has
// timed out"), and for what it ends the process with. Otherwise whether an error matters is told by
// the call that fails. To be called before libcamera is used; harmless to repeat. Whoever sets
// LIBCAMERA_LOG_FILE keeps libcamera's own log.
void RouteLibcameraLog();

// Any thread; each true is to be followed by a false.
void SetCameraRuns(bool runs);

}  // namespace pistream
