// The camera, opened and started, with its newest frame: notices when it is lost.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/camera/camera.h"
#include "src/camera/camera_source.h"
#include "src/media/frame.h"
#include "src/media/video_format.h"
#include "src/metrics/metrics.h"
#include "src/stream/latest_frame.h"

namespace pistream {

// One thread at a time calls it; the camera's own thread only reaches the sink's methods.
class CameraKeeper final : private FrameSink {
 public:
  // A running camera that gives no frame for `patience` is taken for lost. References outlive this.
  CameraKeeper(CameraConfig config, Duration patience, CameraSource& source, Metrics& metrics,
               Clock& clock);
  CameraKeeper(const CameraKeeper&) = delete;
  CameraKeeper& operator=(const CameraKeeper&) = delete;
  ~CameraKeeper() override;  // closes

  // Finds the camera anew and starts it. Returns what it delivers. Precondition: closed.
  Result<VideoFormat> Open();

  // Starts the camera that is open and stopped.
  Result<VideoFormat> Start();

  // Stops it but keeps it open. Harmless when stopped.
  void Stop();

  // Stops it and lets go of it. Harmless when closed.
  void Close();

  // The newest frame not taken yet; waits for it. An empty Frame when `deadline` is reached or stop
  // is requested; an Error when the camera is lost: then it is to be closed. Precondition: started.
  Result<Frame> Take(SteadyTime deadline, const std::stop_token& stop);

 private:
  void OnFrame(Frame frame) noexcept override;
  void OnCameraLost(const Error& error) noexcept override;
  std::optional<Error> Loss() const;

  const CameraConfig config_;
  const Duration patience_;
  CameraSource& source_;
  Metrics& metrics_;
  Clock& clock_;

  LatestFrame latest_;
  SteadyTime last_sign_of_life_;           // the last frame taken, or the start
  std::optional<uint64_t> last_sequence_;  // the camera thread's while the camera runs
  mutable std::mutex mutex_;
  std::optional<Error> loss_;  // under the mutex

  std::unique_ptr<Camera> camera_;  // last: stopped before what its thread uses is gone
};

}  // namespace pistream
