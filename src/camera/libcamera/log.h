// libcamera's own log lines, as pistream's.
#pragma once

namespace pistream {

// They become debug lines, except for errors while a camera runs, which become warnings ("camera
// frontend has timed out"), and for the fatal error before libcamera aborts. Other errors are
// reported by the call that fails. To be called before libcamera is used; harmless to repeat. With
// LIBCAMERA_LOG_FILE set, libcamera keeps its own log.
void RouteLibcameraLog();

// Any thread; each true is to be followed by a false.
void SetCameraRuns(bool runs);

}  // namespace pistream
