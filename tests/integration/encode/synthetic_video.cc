#include "tests/integration/encode/synthetic_video.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace pistream {
namespace {

// SplitMix64.
uint64_t Mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

// Patches of texture at several scales, from a lattice of random heights.
int Texture(uint64_t seed, int x, int y) {
  int sum = 0;
  for (int scale = 2; scale <= 6; ++scale) {
    const auto cell = (static_cast<uint64_t>(x >> scale) << 32) ^ static_cast<uint64_t>(y >> scale);
    sum += static_cast<int>(Mix(seed * 31 + static_cast<uint64_t>(scale) + (cell << 3)) % 40);
  }
  return std::clamp(16 + sum, 16, 235);
}

// Enough for noise in pictures, and quick.
class Noise {
 public:
  explicit Noise(uint64_t seed) : state_(Mix(seed)) {}
  unsigned Byte() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<unsigned>(state_ >> 56);
  }

 private:
  uint64_t state_;
};

Size PlaneSize(Size size, size_t index) {
  return index == 0 ? size : Size{.width = size.width / 2, .height = size.height / 2};
}

}  // namespace

class SyntheticVideo::Pool final : public FramePool {
 public:
  Pool() : FramePool(1) {}

  Frame Lend(const FrameInfo& info, const Planes& planes) {
    return FramePool::Lend(0, info, planes);
  }

  void Release(int /*slot*/) noexcept override {}
};

SyntheticVideo::SyntheticVideo(Content content, const VideoFormat& format, int padding)
    : content_(content),
      format_(format),
      stride_(format.size.width + padding),
      pool_(std::make_shared<Pool>()) {
  for (size_t index = 0; index < planes_.size(); ++index) {
    const int rows = index == 0 ? format.size.height : format.size.height / 2;
    // The padding must not affect the picture.
    planes_[index].assign(static_cast<size_t>(stride_) * static_cast<size_t>(rows), 255);
  }
}

Frame SyntheticVideo::Make(uint64_t number) {
  Draw(content_, number);
  Planes planes;
  for (size_t index = 0; index < planes_.size(); ++index) {
    planes[index] = {.data = planes_[index].data(), .stride = stride_};
  }
  const std::chrono::nanoseconds captured(std::nano::den * static_cast<int64_t>(number) *
                                          format_.framerate.denominator /
                                          format_.framerate.numerator);
  return pool_->Lend({.size = format_.size, .sequence = number, .captured = SteadyTime(captured)},
                     planes);
}

void SyntheticVideo::Draw(Content content, uint64_t number) {
  switch (content) {
    case Content::kBlack:
      for (size_t index = 0; index < planes_.size(); ++index) {
        std::fill(planes_[index].begin(), planes_[index].end(),
                  static_cast<uint8_t>(index == 0 ? 16 : 128));
      }
      return;
    case Content::kStill:
      return DrawScene(1, 0, 0, number);
    case Content::kWatched:
      return DrawScene(1, 0, 5, number);
    case Content::kMoving:
      return DrawScene(2, static_cast<int>(3 * number), 3, number);
    case Content::kNoise:
      return DrawNoise(number);
    case Content::kCuts:
      return DrawScene(number / 7, 0, 0, number);
    case Content::kChanges: {
      constexpr Content kParts[] = {Content::kStill, Content::kNoise, Content::kBlack,
                                    Content::kMoving};
      const uint64_t seconds = number * static_cast<uint64_t>(format_.framerate.denominator) /
                               static_cast<uint64_t>(format_.framerate.numerator);
      return Draw(kParts[seconds / 2 % 4], number);
    }
  }
}

void SyntheticVideo::MakeTexture(uint64_t seed) {
  if (seed == texture_seed_) {
    return;
  }
  texture_seed_ = seed;
  for (size_t index = 0; index < planes_.size(); ++index) {
    const Size size = PlaneSize(format_.size, index);
    texture_[index].clear();
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        texture_[index].push_back(static_cast<uint8_t>(Texture(seed + index, x, y)));
      }
    }
  }
}

void SyntheticVideo::DrawScene(uint64_t seed, int shift, int noise, uint64_t number) {
  MakeTexture(seed);
  for (size_t index = 0; index < planes_.size(); ++index) {
    const Size size = PlaneSize(format_.size, index);
    Noise sensor(number * 3 + index);
    for (int y = 0; y < size.height; ++y) {
      uint8_t* const row = planes_[index].data() + static_cast<ptrdiff_t>(y) * stride_;
      const uint8_t* const texture =
          texture_[index].data() + static_cast<ptrdiff_t>(y) * size.width;
      const int start = shift / (index == 0 ? 1 : 2) % size.width;
      std::rotate_copy(texture, texture + start, texture + size.width, row);
      for (int x = 0; noise > 0 && x < size.width; ++x) {
        row[x] = static_cast<uint8_t>(row[x] + sensor.Byte() % static_cast<unsigned>(noise));
      }
    }
  }
}

void SyntheticVideo::DrawNoise(uint64_t seed) {
  for (size_t index = 0; index < planes_.size(); ++index) {
    const Size size = PlaneSize(format_.size, index);
    Noise noise(seed * 3 + index);
    for (int y = 0; y < size.height; ++y) {
      uint8_t* const row = planes_[index].data() + static_cast<ptrdiff_t>(y) * stride_;
      std::generate_n(row, size.width, [&] { return static_cast<uint8_t>(noise.Byte()); });
    }
  }
}

}  // namespace pistream
