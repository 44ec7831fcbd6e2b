// Frames to encode, the same for the same number.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/media/frame.h"
#include "src/media/video_format.h"

namespace pistream {

enum class Content {
  kBlack,
  kStill,    // fine detail, nothing moves
  kWatched,  // the same, with a little sensor noise
  kMoving,   // the same, panning by 3 pixels a frame, with a little sensor noise
  kNoise,    // every pixel new in every frame
  kCuts,     // another still scene every 7 frames
  kChanges,  // 2 s each of still, noise, black, moving
};

class SyntheticVideo {
 public:
  // Rows are `padding` bytes longer than the picture.
  SyntheticVideo(Content content, const VideoFormat& format, int padding = 0);

  // To be dropped before the next call; captured at number / frame rate.
  Frame Make(uint64_t number);

 private:
  class Pool;

  void Draw(Content content, uint64_t number);
  void DrawScene(uint64_t seed, int shift, int noise, uint64_t number);
  void DrawNoise(uint64_t seed);
  void MakeTexture(uint64_t seed);

  const Content content_;
  const VideoFormat format_;
  const int stride_;
  std::shared_ptr<Pool> pool_;
  std::array<std::vector<uint8_t>, 3> planes_;
  std::array<std::vector<uint8_t>, 3> texture_;  // of scene texture_seed_, without padding
  uint64_t texture_seed_ = UINT64_MAX;
};

}  // namespace pistream
