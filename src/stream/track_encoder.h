// Encodes a camera's frames to the pictures of one track, on its own thread.
//
//   FrameHub ──► newest frame ──► encoder's thread: Encode ──► Track
//
// While the track is not watched, the thread sleeps and its slot is not attached to the hub. While
// all who watch have congested lines (Wants), it encodes less, or nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/rate_limit.h"
#include "src/base/result.h"
#include "src/encode/encoder.h"
#include "src/encode/encoder_factory.h"
#include "src/media/frame.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"
#include "src/stream/frame_hub.h"
#include "src/stream/health.h"
#include "src/stream/latest_frame.h"
#include "src/stream/stream.h"
#include "src/stream/stream_metrics.h"
#include "src/stream/track.h"

namespace pistream {

struct TrackEncoderConfig {
  int64_t bitrate_bps = 0;  // 0: the codec's default for what the camera delivers
  int gop_pictures = 0;     // 0: as many as are one second

  bool operator==(const TrackEncoderConfig&) const = default;
};

// The methods are called by one thread at a time: the stream's supervisor.
class TrackEncoder final : private TrackProducer, private PictureSink {
 public:
  // Shared with the rest of the stream; all outlive it.
  struct Environment {
    EncoderFactory encoders;
    FrameHub& frames;
    // Called when the track begins or ceases to be watched, with the track's lock held.
    std::function<void()> on_watched_changed;
    Health& health;
    Metrics& metrics;
    Clock& clock;
  };

  // `stream` is the name of the stream, for metrics, log lines and the thread's name. `track` is
  // the stream's track of `scale`.
  TrackEncoder(std::string stream, VideoScale scale, const TrackEncoderConfig& config,
               std::shared_ptr<Track> track, Environment environment);
  TrackEncoder(const TrackEncoder&) = delete;
  TrackEncoder& operator=(const TrackEncoder&) = delete;
  ~TrackEncoder() override;  // stops

  // What an encoder for this format is given; what `config` leaves open is filled in. Thread-safe.
  EncoderConfig Complete(const TrackEncoderConfig& config, const VideoFormat& format) const;

  // See Stream::sufficient_bitrate_bps. `format` is the camera's. Thread-safe.
  int64_t SufficientBitrate(const VideoFormat& format) const;

  // What the user should know about the bitrate for this format. Thread-safe.
  std::optional<std::string> Warning(const TrackEncoderConfig& config,
                                     const VideoFormat& format) const {
    return environment_.encoders.warning(Complete(config, format));
  }

  // Creates the encoder for what the camera delivers, on the calling thread, so that a fault is
  // known before anything is served. Precondition: not started.
  Result<void> Prepare(const VideoFormat& format);

  // Starts the thread. Harmless when started.
  void Start();

  // When it returns, nothing more will be published. Harmless when stopped.
  void Stop();

  // The camera delivers this now: ends a pause, and the one before the first call.
  void SetFormat(const VideoFormat& format);
  // The encoder is recreated with the next frame.
  void SetConfig(const TrackEncoderConfig& config);

  // The camera has stopped: no frame that came before is encoded any more, and the track is paused
  // when it returns. Frames that come before SetFormat wait for it. Waits for the picture under
  // way.
  void Pause();

  bool is_watched() const;

 private:
  // What the thread is to do before the next frame.
  struct Orders {
    bool stop = false;
    bool is_watched = false;
    // See Wants.
    std::optional<int64_t> max_bitrate_bps = std::nullopt;
    int pauses = 0;         // requested since the start
    bool is_paused = true;  // until the format of the next frames is known
    VideoFormat format;
    TrackEncoderConfig config;
  };

  void OnDemand(const TrackDemand& demand) noexcept override;
  void OnPicture(PicturePtr picture) override;
  void SetAttached(bool is_attached);

  template <typename Change>
  void Order(Change change);
  Orders orders() const;

  void Run();
  void Adopt(const Orders& orders);
  void PauseTrack(const Orders& orders);
  void EncodeFor(const Orders& orders, Frame frame);
  void Encode(Frame frame);
  Result<void> TryEncode(Frame frame);
  Health::Part part() const;
  Result<void> Recreate();
  void Flush();
  void OnFault(const Error& error);
  void Count(const Picture& picture);

  const std::string stream_;
  const VideoScale scale_;
  const std::shared_ptr<Track> track_;
  const Environment environment_;
  EncoderMetrics metrics_;

  mutable Mutex mutex_;
  ConditionVariable paused_;
  Orders orders_ PISTREAM_GUARDED_BY(mutex_);
  int pauses_done_ PISTREAM_GUARDED_BY(mutex_) = 0;

  LatestFrame latest_;
  bool is_attached_ = false;  // to the hub; under the track's lock, or when that is no longer told

  // The thread's, once that is started.
  RateLimit fault_lines_;
  TrackEncoderConfig config_;
  VideoFormat ordered_;               // the format ordered last
  VideoFormat format_;                // of encoder_, or of the next one: the newest frame's size
  std::unique_ptr<Encoder> encoder_;  // none after an error
  bool is_continuous_ = false;        // the next frame may become a P picture
  std::optional<int64_t> max_bitrate_bps_;

  std::thread thread_;
};

}  // namespace pistream
