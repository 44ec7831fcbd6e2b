// What a person names and watches: "garden". A camera's (camera_stream.h), or one that comes from
// another machine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/media/video_format.h"
#include "src/stream/track.h"

namespace pistream {

// Any thread may call what is here.
class Stream {
 public:
  Stream(std::string name, Clock& clock)
      : name_(std::move(name)), video_(std::make_shared<Track>(clock)) {}
  virtual ~Stream() { video_->Close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Of lower-case letters, digits, '-' and '_'; as in addresses and metrics.
  const std::string& name() const { return name_; }

  const std::shared_ptr<Track>& video() const { return video_; }

  // What the pictures of `video` will be like, until the first one says otherwise.
  virtual VideoFormat format() const = 0;
  virtual int64_t bitrate_bps() const = 0;

  // Empty while pictures come or would come if somebody watched; otherwise why not, in one line.
  virtual std::optional<std::string> UnhealthyReason() const = 0;

 private:
  const std::string name_;
  const std::shared_ptr<Track> video_;
};

}  // namespace pistream
