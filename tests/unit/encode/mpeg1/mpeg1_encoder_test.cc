#include "src/encode/mpeg1/mpeg1_encoder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/encode/collecting_sink.h"
#include "tests/support/mpeg1.h"

namespace pistream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CountingPool final : public FramePool {
 public:
  CountingPool() : FramePool(1) {}

  Frame Lend(const FrameInfo& info, const Planes& planes) {
    return FramePool::Lend(0, info, planes);
  }

  void Release(int /*slot*/) noexcept override { ++released; }
  int released = 0;
};

EncoderConfig Config(Size size = {.width = 64, .height = 48}) {
  return {.format = {.size = size, .framerate = {.numerator = 24, .denominator = 1}},
          .bitrate_bps = 400'000,
          .gop_pictures = 4};
}

class Mpeg1EncoderTest : public ::testing::Test {
 protected:
  Frame MakeFrame(uint64_t sequence, Size size = {.width = 64, .height = 48}) {
    pixels_.assign(static_cast<size_t>(size.width) * static_cast<size_t>(size.height),
                   static_cast<uint8_t>(sequence * 16));
    return pool_->Lend({.size = size,
                        .sequence = sequence,
                        .captured = SteadyTime(std::chrono::milliseconds(1000 + 40 * sequence))},
                       {Plane{.data = pixels_.data(), .stride = size.width},
                        Plane{.data = pixels_.data(), .stride = size.width / 2},
                        Plane{.data = pixels_.data(), .stride = size.width / 2}});
  }

  // Every frame has new random pixels.
  Frame MakeNoise(uint64_t sequence) {
    Frame frame = MakeFrame(sequence);
    for (uint8_t& pixel : pixels_) {
      noise_ = noise_ * 1'664'525 + 1'013'904'223;
      pixel = static_cast<uint8_t>(noise_ >> 24);
    }
    return frame;
  }

  // Encodes 4 s of noise, at little more than the minimum bitrate.
  std::vector<PicturePtr> EncodeNoise() {
    EncoderConfig config = Config();
    config.bitrate_bps = 10'000;
    config.gop_pictures = 24;
    const auto encoder = Mpeg1Encoder::Create(config, clock_);
    EXPECT_TRUE(encoder);
    std::vector<PicturePtr> pictures;
    for (uint64_t sequence = 0; encoder && sequence < 96; ++sequence) {
      const auto picture = EncodeOne(**encoder, MakeNoise(sequence));
      EXPECT_TRUE(picture);
      pictures.push_back(*picture);
    }
    return pictures;
  }

  std::unique_ptr<Encoder> MakeEncoder() {
    auto encoder = Mpeg1Encoder::Create(Config(), clock_);
    EXPECT_TRUE(encoder);
    return *std::move(encoder);
  }

  std::string ErrorOf(const EncoderConfig& config) {
    const auto encoder = Mpeg1Encoder::Create(config, clock_);
    return encoder ? "" : encoder.error().message;
  }

  FakeClock clock_;
  uint64_t sequence_ = 0;  // of the next frame, where a test needs it
  std::vector<uint8_t> pixels_;
  uint32_t noise_ = 1;
  std::shared_ptr<CountingPool> pool_ = std::make_shared<CountingPool>();
};

TEST_F(Mpeg1EncoderTest, Picture_HasTheDataOfItsFrame) {
  const auto encoder = MakeEncoder();
  const auto picture = EncodeOne(*encoder, MakeFrame(7));
  ASSERT_TRUE(picture);
  EXPECT_EQ((*picture)->sequence, 7U);
  EXPECT_EQ((*picture)->captured, SteadyTime(std::chrono::milliseconds(1280)));
  EXPECT_EQ((*picture)->encoded, clock_.Now());
  EXPECT_EQ((*picture)->size, (Size{.width = 64, .height = 48}));
  EXPECT_EQ((*picture)->codec, Codec::kMpeg1);
  EXPECT_EQ((*picture)->duration, std::chrono::nanoseconds(41'666'666));
  EXPECT_FALSE((*picture)->repeats);
  EXPECT_FALSE((*picture)->is_pixelated);
}

// Otherwise players would count them as new pictures, with too short a delay.
TEST_F(Mpeg1EncoderTest, Repeat_KeepsTheCaptureTimeOfTheRepeatedPicture) {
  int repeats = 0;
  SteadyTime shown;
  uint64_t sequence = 0;
  for (const PicturePtr& picture : EncodeNoise()) {
    SCOPED_TRACE(sequence);
    EXPECT_EQ(picture->sequence, sequence);
    if (picture->repeats) {
      ++repeats;
      EXPECT_EQ(picture->type, PictureType::kPredicted);
      EXPECT_EQ(picture->captured, shown);
    } else {
      EXPECT_EQ(picture->captured, SteadyTime(std::chrono::milliseconds(1000 + 40 * sequence)));
    }
    shown = picture->captured;
    ++sequence;
  }
  EXPECT_EQ(sequence, 96U);
  EXPECT_GT(repeats, 24);
  EXPECT_LT(repeats, 96 - 4);
}

TEST_F(Mpeg1EncoderTest, IntraTooLargeAtTheCoarsestQuantiser_IsPixelatedAndMarked) {
  int pixelated = 0;
  for (const PicturePtr& picture : EncodeNoise()) {
    pixelated += picture->is_pixelated ? 1 : 0;
    EXPECT_FALSE(picture->repeats && picture->is_pixelated);
    EXPECT_TRUE(picture->is_pixelated || picture->type != PictureType::kIntra);
  }
  EXPECT_GE(pixelated, 4);
}

// Example failure: libavcodec keeps a reference to camera memory.
TEST_F(Mpeg1EncoderTest, Frame_IsReleasedAfterEachCall) {
  const auto encoder = MakeEncoder();
  for (uint64_t sequence = 0; sequence < 3; ++sequence) {
    ASSERT_TRUE(EncodeOne(*encoder, MakeFrame(sequence)));
    EXPECT_EQ(pool_->released, static_cast<int>(sequence) + 1);
  }
}

TEST_F(Mpeg1EncoderTest, Plan_PutsAnIntraAtEveryGop) {
  const auto encoder = MakeEncoder();
  std::vector<int> intras;
  for (int number = 0; number < 10; ++number) {
    const auto picture = EncodeOne(*encoder, MakeFrame(static_cast<uint64_t>(number)));
    ASSERT_TRUE(picture);
    if ((*picture)->type == PictureType::kIntra) {
      intras.push_back(number);
    }
  }
  EXPECT_THAT(intras, ElementsAre(0, 4, 8));
}

TEST_F(Mpeg1EncoderTest, Keyframe_StartsTheGopOver) {
  const auto encoder = MakeEncoder();
  std::vector<int> intras;
  for (int number = 0; number < 10; ++number) {
    const auto picture = EncodeOne(*encoder, MakeFrame(static_cast<uint64_t>(number)), number == 2);
    ASSERT_TRUE(picture);
    if ((*picture)->type == PictureType::kIntra) {
      intras.push_back(number);
    }
  }
  EXPECT_THAT(intras, ElementsAre(0, 2, 6));
}

TEST_F(Mpeg1EncoderTest, Intra_HasSequenceAndClosedGopHeader) {
  const auto encoder = MakeEncoder();
  for (int number = 0; number < 5; ++number) {
    const auto picture = EncodeOne(*encoder, MakeFrame(static_cast<uint64_t>(number)));
    ASSERT_TRUE(picture);
    if (number % 4 != 0) {
      continue;
    }
    const auto& bytes = (*picture)->bytes;
    // 64x48, square pixels, 24 pictures a second (2.4.2.3).
    ASSERT_GE(bytes.size(), 20U);
    EXPECT_THAT(std::vector<int>(bytes.begin(), bytes.begin() + 8),
                ElementsAre(0, 0, 1, 0xB3, 0x04, 0x00, 0x30, 0x12));
    EXPECT_THAT(std::vector<int>(bytes.begin() + 12, bytes.begin() + 16),
                ElementsAre(0, 0, 1, 0xB8));
    EXPECT_EQ(bytes[19] & 0x60, 0x40) << "closed_gop and no broken_link (2.4.2.4)";
  }
}

TEST_F(Mpeg1EncoderTest, Halvings_PicturesHaveTheHalvedSizeAndAreWhole) {
  for (const int halvings : {0, 1, 2}) {
    SCOPED_TRACE(halvings);
    const Size size{.width = 128, .height = 96};
    const Size halved{.width = 128 >> halvings, .height = 96 >> halvings};
    EncoderConfig config = Config(size);
    config.halvings = halvings;
    const auto encoder = Mpeg1Encoder::Create(config, clock_);
    ASSERT_TRUE(encoder) << encoder.error().message;
    for (uint64_t sequence = 0; sequence < 9; ++sequence) {
      const auto picture = EncodeOne(**encoder, MakeFrame(sequence, size));
      ASSERT_TRUE(picture) << picture.error().message;
      EXPECT_EQ((*picture)->size, halved);
      EXPECT_EQ((*picture)->sequence, sequence);
      const auto summary = wire::SummarizePicture((*picture)->bytes);
      ASSERT_TRUE(summary);
      EXPECT_EQ(summary->type, sequence % 4 == 0 ? PictureType::kIntra : PictureType::kPredicted);
      EXPECT_EQ(summary->slices, 1);
      if (sequence % 4 == 0) {
        EXPECT_EQ(summary->size, halved);
      }
    }
    EXPECT_FALSE(EncodeOne(**encoder, MakeFrame(9, halved)) && halvings > 0)
        << "frames come in the full size";
  }
}

TEST_F(Mpeg1EncoderTest, HalvedTooOften_IsRejected) {
  EncoderConfig config = Config();
  config.halvings = 2;
  EXPECT_THAT(ErrorOf(config), HasSubstr("both sides must be even, from 16 to 8192 pixels"));
}

TEST_F(Mpeg1EncoderTest, SufficientBitrate_IsThatOfTheHalvedSize) {
  EncoderConfig config = Config({.width = 1280, .height = 960});
  const int64_t full = Mpeg1Encoder::SufficientBitrateFor(config);
  config.halvings = 1;
  const int64_t half = Mpeg1Encoder::SufficientBitrateFor(config);
  EXPECT_EQ(half, Mpeg1Encoder::SufficientBitrateFor(Config({.width = 640, .height = 480})));
  EXPECT_LT(half, full / 2);
}

// Noise is the worst: each picture is as large as it may be.
TEST_F(Mpeg1EncoderTest, LimitAndNoise_NoPictureTakesTheLineForLong) {
  for (const int64_t limit_bps : {40'000, 100'000, 200'000}) {
    SCOPED_TRACE(limit_bps);
    const auto encoder = MakeEncoder();
    encoder->SetBitrateLimit(limit_bps);
    const auto limit = static_cast<double>(limit_bps);
    size_t bytes = 0;
    for (uint64_t sequence = 0; sequence < 480; ++sequence) {
      const auto picture = EncodeOne(*encoder, MakeNoise(sequence));
      ASSERT_TRUE(picture);
      bytes += (*picture)->bytes.size();
      const auto bits = static_cast<double>(8 * (*picture)->bytes.size());
      // The smallest I picture of 12 macroblocks has 872 bits.
      EXPECT_LE(bits, std::max(0.25 * limit, 872 + 4 * limit / 24));
      if ((*picture)->type == PictureType::kIntra) {
        EXPECT_LE(bits, std::max(0.17 * limit, 872.));
      }
    }
    const double seconds = 480 * 0.04;  // by the frames' times
    EXPECT_LE(static_cast<double>(8 * bytes), limit * (seconds + 0.3));
  }
}

TEST_F(Mpeg1EncoderTest, Limit_IntrasAreTenSecondsApartAndEachGopWithoutIt) {
  const auto encoder = MakeEncoder();
  std::vector<uint64_t> intras;
  const auto encode_until = [&](uint64_t end) {
    for (; sequence_ < end; ++sequence_) {
      const auto picture = EncodeOne(*encoder, MakeFrame(sequence_));
      ASSERT_TRUE(picture);
      if ((*picture)->type == PictureType::kIntra) {
        intras.push_back(sequence_);
      }
    }
  };
  encoder->SetBitrateLimit(200'000);
  encode_until(490);
  EXPECT_THAT(intras, ElementsAre(0, 240, 480));
  encoder->SetBitrateLimit(300'000);
  encode_until(500);
  EXPECT_THAT(intras, ElementsAre(0, 240, 480)) << "another limit is no reason for one";
  encoder->SetBitrateLimit(std::nullopt);
  encode_until(510);
  EXPECT_THAT(intras, ElementsAre(0, 240, 480, 500, 504, 508));
}

TEST_F(Mpeg1EncoderTest, KeyframeWithALimit_IsMadeAndStartsTheTenSecondsOver) {
  const auto encoder = MakeEncoder();
  encoder->SetBitrateLimit(200'000);
  std::vector<uint64_t> intras;
  for (uint64_t sequence = 0; sequence < 400; ++sequence) {
    const auto picture = EncodeOne(*encoder, MakeFrame(sequence), sequence == 100);
    ASSERT_TRUE(picture);
    if ((*picture)->type == PictureType::kIntra) {
      intras.push_back(sequence);
    }
  }
  EXPECT_THAT(intras, ElementsAre(0, 100, 340));
}

// Example failure: what was pixelated in a moment of noise stays so for ten seconds.
TEST_F(Mpeg1EncoderTest, PixelatedWithALimit_IsReplacedAfterAGop) {
  EncoderConfig config = Config();
  config.gop_pictures = 24;
  const auto encoder = Mpeg1Encoder::Create(config, clock_);
  ASSERT_TRUE(encoder);
  (*encoder)->SetBitrateLimit(20'000);
  for (; sequence_ < 24; ++sequence_) {
    const auto picture = EncodeOne(**encoder, MakeNoise(sequence_));
    ASSERT_TRUE(picture);
    EXPECT_TRUE((*picture)->is_pixelated || (*picture)->repeats) << sequence_;
  }
  // Blocks are halved with each GOP: 16, 8, 4, 2, 1.
  const uint64_t end = sequence_ + 6 * 24;
  std::vector<uint64_t> intras;
  bool is_pixelated = true;
  for (; sequence_ < end; ++sequence_) {
    const auto picture = EncodeOne(**encoder, MakeFrame(sequence_));
    ASSERT_TRUE(picture);
    if ((*picture)->type == PictureType::kIntra) {
      intras.push_back(sequence_);
    }
    is_pixelated = (*picture)->repeats ? is_pixelated : (*picture)->is_pixelated;
  }
  EXPECT_FALSE(is_pixelated);
  ASSERT_GE(intras.size(), 2U);
  EXPECT_LE(intras[0], 48U);
  EXPECT_LE(intras[1] - intras[0], 24U);
}

TEST_F(Mpeg1EncoderTest, FrameOfAnotherSize_IsAnError) {
  const auto picture = EncodeOne(*MakeEncoder(), MakeFrame(0, {.width = 32, .height = 32}));
  ASSERT_FALSE(picture);
  EXPECT_THAT(picture.error().message, HasSubstr("64x48 and got a frame of 32x32"));
}

TEST_F(Mpeg1EncoderTest, ImpossibleSize_IsRejected) {
  for (const Size size : {Size{.width = 63, .height = 48}, Size{.width = 64, .height = 47},
                          Size{.width = 14, .height = 48}, Size{}}) {
    EXPECT_THAT(ErrorOf(Config(size)), HasSubstr("both sides must be even, from 16 to 8192 pixels"))
        << ToString(size);
  }
}

TEST_F(Mpeg1EncoderTest, SizeTooLargeForMpeg1_IsRejectedWithTheLimit) {
  for (const Size size : {Size{.width = 4096, .height = 48}, Size{.width = 64, .height = 2802}}) {
    EXPECT_EQ(ErrorOf(Config(size)), "size " + ToString(size) +
                                         " is too large for MPEG-1: at most 4094x2800; choose a "
                                         "smaller size");
  }
}

TEST_F(Mpeg1EncoderTest, LargestSize_IsEncoded) {
  EncoderConfig config = Config({.width = 4094, .height = 2800});
  config.bitrate_bps = 20'000'000;
  const auto encoder = Mpeg1Encoder::Create(config, clock_);
  ASSERT_TRUE(encoder) << encoder.error().message;
  const auto picture = EncodeOne(**encoder, MakeFrame(0, config.format.size));
  ASSERT_TRUE(picture) << picture.error().message;
  const auto summary = wire::SummarizePicture((*picture)->bytes);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->size, config.format.size);
}

TEST_F(Mpeg1EncoderTest, NoFrameRate_IsRejected) {
  EncoderConfig config = Config();
  config.format.framerate = {.numerator = 0, .denominator = 1};
  EXPECT_THAT(ErrorOf(config), HasSubstr("frame rate 0 is not possible"));
}

TEST_F(Mpeg1EncoderTest, NoGop_IsRejected) {
  EncoderConfig config = Config();
  config.gop_pictures = 0;
  EXPECT_THAT(ErrorOf(config), HasSubstr("gop 0 is not possible: it must be at least 1"));
}

TEST_F(Mpeg1EncoderTest, BitrateOutsideTheHeader_IsRejected) {
  for (const int64_t bitrate_bps : {int64_t{-1}, int64_t{0}, int64_t{104'857'200}}) {
    EncoderConfig config = Config();
    config.bitrate_bps = bitrate_bps;
    EXPECT_THAT(ErrorOf(config), HasSubstr("must be from 1 to 104856800 bit/s")) << bitrate_bps;
  }
}

TEST_F(Mpeg1EncoderTest, BitrateTooSmallForTheSize_IsRejectedWithTheMinimum) {
  EncoderConfig config = Config({.width = 1920, .height = 1080});
  config.bitrate_bps = 200'000;
  config.gop_pictures = 24;
  EXPECT_THAT(ErrorOf(config), HasSubstr("at least 560k"));
  config.bitrate_bps = 559'936;
  EXPECT_EQ(ErrorOf(config), "");
}

}  // namespace
}  // namespace pistream
