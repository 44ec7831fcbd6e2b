// From the one encoder to every network thread.
#pragma once

#include <vector>

#include "src/media/picture.h"

namespace pistream {

// One a network thread. Called on the encoder thread; must hand over without waiting.
class BroadcastSink {
 public:
  virtual ~BroadcastSink() = default;

  virtual void OnPicture(const PicturePtr& picture) noexcept = 0;

  // Nobody watches, or the camera is away: no picture comes for a while, the next is an I picture,
  // and what came before it is too old for a new viewer.
  virtual void OnPause() noexcept = 0;
};

// Sinks are added before the first picture is published, and outlive the last.
class Broadcaster {
 public:
  void AddSink(BroadcastSink& sink) { sinks_.push_back(&sink); }

  const std::vector<BroadcastSink*>& sinks() const { return sinks_; }

  void Publish(const PicturePtr& picture) {
    for (BroadcastSink* const sink : sinks_) {
      sink->OnPicture(picture);
    }
  }

  void Pause() {
    for (BroadcastSink* const sink : sinks_) {
      sink->OnPause();
    }
  }

 private:
  std::vector<BroadcastSink*> sinks_;
};

}  // namespace pistream
