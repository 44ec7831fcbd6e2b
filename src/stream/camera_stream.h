// A stream of a camera in this process: supervises the camera and the encoder of each track.
//
//   camera ──► FrameHub ──► TrackEncoder ──► Track, for each VideoScale
//      ▲           │ lost          │ watched, unwatched
//      └── supervisor ◄── inbox ◄──┴── Reconfigure, Stop
//
//              Start          not watched, after a grace period
//      (start) ────► streaming ◄────────────────────────────► standby
//         │            │  ▲                watched
//         │      lost, │  │ opened; an attempt at once or
//         │     silent ▼  │ after 0.5 to 8 s
//         └────────► unavailable
//   StartInBackground, StartUnavailable
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/result.h"
#include "src/camera/camera_source.h"
#include "src/encode/encoder_factory.h"
#include "src/metrics/metrics.h"
#include "src/stream/back_off.h"
#include "src/stream/frame_hub.h"
#include "src/stream/health.h"
#include "src/stream/stream.h"
#include "src/stream/stream_metrics.h"
#include "src/stream/track_encoder.h"

namespace pistream {

struct CameraStreamConfig {
  CameraConfig camera;
  TrackEncoderConfig video;
  // How long the camera keeps running after the last viewer has left.
  Duration grace = std::chrono::seconds(10);

  bool operator==(const CameraStreamConfig&) const = default;
};

// Without viewers nothing is encoded, and after the grace period the camera is stopped, but kept
// open. A lost camera is reopened with back-off while viewers stay connected; it is healthy again
// with its first frame, not when it opens. An encoder that fails is recreated with the next frame.
//
// One thread calls Start, StartUnavailable, StartInBackground, Reconfigure and Stop.
class CameraStream final : public Stream {
 public:
  // All references outlive the stream.
  CameraStream(std::string name, CameraStreamConfig config, std::unique_ptr<CameraSource> source,
               const EncoderFactory& encoders, Metrics& metrics, Clock& clock);
  CameraStream(const CameraStream&) = delete;
  CameraStream& operator=(const CameraStream&) = delete;
  ~CameraStream() override;  // stops

  // Opens and starts the camera and creates the encoder, on the calling thread, so that errors of
  // either are reported before the server starts; after an error it may be called again. Returns
  // the format that the camera delivers. Precondition: not started.
  Result<VideoFormat> Start();

  // Starts without the camera, which is then reopened like a lost one; `error` is the reason for
  // its loss. Precondition: not started.
  void StartUnavailable(const Error& error);

  // Starts without waiting for the camera, which takes seconds to open: the supervisor opens it,
  // and tries again if it cannot. Precondition: not started.
  void StartInBackground();

  // Restarts the camera, the encoder or neither, depending on the difference, without waiting for
  // it. A camera in standby is started for the grace time, so that its format is known and a fault
  // is reported. One that is open and refuses the new settings keeps those it has, which is logged.
  // `source` replaces the camera's source; null keeps it. Precondition: started.
  void Reconfigure(const CameraStreamConfig& config, std::unique_ptr<CameraSource> source);

  // When it returns, the camera is closed and nothing more will be published. Does nothing if
  // already stopped.
  void Stop();

  VideoFormat format() const override;
  int64_t bitrate_bps() const override;
  int64_t sufficient_bitrate_bps(VideoScale scale) const override;
  std::optional<std::string> UnhealthyReason() const override { return health_.UnhealthyReason(); }

 private:
  enum class State { kStreaming, kStandby, kUnavailable };

  struct Reconfiguration {
    CameraStreamConfig config;
    std::unique_ptr<CameraSource> source;
  };

  // The commands since the supervisor last read its inbox.
  struct Inbox {
    bool stop = false;
    bool has_watched_changed = false;
    bool has_first_frame = false;  // from now on silence is counted from the newest frame
    std::optional<Error> camera_loss;
    std::optional<Reconfiguration> reconfiguration;

    bool IsEmpty() const {
      return !stop && !has_watched_changed && !has_first_frame && !camera_loss && !reconfiguration;
    }
  };

  TrackEncoder MakeEncoder(VideoScale scale, const EncoderFactory& encoders, Metrics& metrics);
  bool is_watched() const;
  TrackEncoder& full_size_encoder() { return encoders_.front(); }

  void OnFirstFrame();
  template <typename Put>
  void Post(Put put);
  Inbox AwaitCommands(SteadyTime deadline);

  void StartThreads();
  void Run();
  SteadyTime NextDeadline() const;
  void NoteWatched();
  void Handle(const std::optional<Error>& camera_loss);
  void HandleStreaming(const std::optional<Error>& camera_loss);
  void Apply(Reconfiguration reconfiguration);

  Result<VideoFormat> OpenCamera();
  void Announce(const VideoFormat& format);
  Result<VideoFormat> StartCamera();
  void OnCameraStarted(const VideoFormat& format);
  void StopCamera();
  void RestartCamera(const CameraConfig& before);
  void LoseCamera(const Error& error);
  void BecomeUnavailable(const Error& error);
  void EnterStandby();
  void LeaveStandby();
  void TryToReopen();
  SteadyTime SilentFrom() const;

  StreamMetrics metrics_;
  Clock& clock_;
  Health health_;

  mutable Mutex mutex_;
  ConditionVariable posted_;
  Inbox inbox_ PISTREAM_GUARDED_BY(mutex_);
  VideoFormat format_ PISTREAM_GUARDED_BY(mutex_);
  int64_t bitrate_bps_ PISTREAM_GUARDED_BY(mutex_) = 0;

  // The supervisor's, once the stream is started.
  CameraStreamConfig config_;
  CameraConfig requested_camera_;  // config_ has what the camera has accepted, if that is another
  std::unique_ptr<CameraSource> source_;
  State state_ = State::kUnavailable;
  BackOff back_off_;
  SteadyTime next_attempt_;  // kUnavailable
  // What the log says of the camera since it was opened or restarted; a return from standby adds
  // nothing to it.
  std::optional<VideoFormat> announced_;
  std::optional<SteadyTime> unwatched_since_;  // or since the camera's start, if that is later

  FrameHub frames_;
  std::array<TrackEncoder, kVideoScales.size()> encoders_;  // by scale
  std::unique_ptr<Camera> camera_;                          // after what its thread uses
  std::thread thread_;
};

}  // namespace pistream
