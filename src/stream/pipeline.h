// Camera -> encoder -> broadcaster: starts them, keeps them going, stops them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/camera/camera_source.h"
#include "src/encode/encoder_factory.h"
#include "src/media/video_format.h"
#include "src/metrics/metrics.h"
#include "src/stream/broadcaster.h"
#include "src/stream/demand.h"

namespace pistream {

struct PipelineConfig {
  CameraConfig camera;
  int64_t bitrate_bps = 0;
  int gop_pictures = 0;  // 0: one second's worth
  // How long the camera runs on after the last viewer left.
  Duration grace = std::chrono::seconds(10);
  // A camera that gives no frame for this long is taken for lost and opened anew.
  Duration camera_patience = std::chrono::seconds(3);
};

// Owns the encoder thread, on which the camera is stopped, started and opened again as well. With
// no viewers nothing is encoded, and after the grace time the camera is stopped, but kept open. A
// camera that is lost is reopened with back-off (0.5 s to 8 s) while viewers stay connected; an
// encoder that fails is made anew with the next frame.
//
// One thread calls Start and Stop.
class Pipeline {
 public:
  // All references outlive the pipeline.
  Pipeline(const PipelineConfig& config, CameraSource& source, EncoderFactory make_encoder,
           Broadcaster& broadcaster, Demand& demand, Metrics& metrics, Clock& clock);
  ~Pipeline();  // stops
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Opens and starts the camera and makes the encoder, on the calling thread, so that a fault of
  // either is known before anything is served; after a fault it may be called again. Returns what
  // the camera delivers. Precondition: not started before.
  Result<VideoFormat> Start();

  // Returns when the camera is stopped and nothing more will be published. Harmless when stopped.
  void Stop();

  // Empty while frames are expected to come; otherwise why not, for /healthz. Any thread.
  std::optional<std::string> Trouble() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace pistream
