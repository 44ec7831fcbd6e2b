// What a person names and watches: "garden". A camera's (camera_stream.h), or one that comes from
// another machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/media/video_format.h"
#include "src/stream/track.h"

namespace pistream {

// The sizes of a stream's video, each a track: the camera's, half its width and height, a quarter.
// The smaller ones are encoded only while somebody whose line is thin takes them.
enum class VideoScale : uint8_t { kFull, kHalf, kQuarter };
inline constexpr std::array kVideoScales = {VideoScale::kFull, VideoScale::kHalf,
                                            VideoScale::kQuarter};

// As in metrics.
constexpr const char* TrackName(VideoScale scale) {
  constexpr std::array kNames = {"video", "video-half", "video-quarter"};
  return kNames[static_cast<size_t>(scale)];
}

// Any thread may call what is here.
class Stream {
 public:
  Stream(std::string name, Clock& clock) : name_(std::move(name)) {
    for (auto& track : video_) {
      track = std::make_shared<Track>(clock);
    }
  }
  virtual ~Stream() { CloseTracks(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Of lower-case letters, digits, '-' and '_'; as in addresses and metrics.
  const std::string& name() const { return name_; }

  const std::shared_ptr<Track>& video(VideoScale scale = VideoScale::kFull) const {
    return video_[static_cast<size_t>(scale)];
  }

  // No picture will follow: the stream has been removed.
  void CloseTracks() {
    for (const auto& track : video_) {
      track->Close();
    }
  }

  // What the pictures of the full-size track will be like, until the first one says otherwise.
  virtual VideoFormat format() const = 0;
  virtual int64_t bitrate_bps() const = 0;
  // The bitrate, in bits a second, below which this track loses pictures or detail, and a smaller
  // one looks better. 0: the pictures would be too small, and there are none.
  virtual int64_t sufficient_bitrate_bps(VideoScale scale) const = 0;

  // Empty while pictures come or would come if somebody watched; otherwise why not, in one line.
  virtual std::optional<std::string> UnhealthyReason() const = 0;

 private:
  const std::string name_;
  std::array<std::shared_ptr<Track>, kVideoScales.size()> video_;
};

}  // namespace pistream
