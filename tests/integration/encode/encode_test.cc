// The encoder's stream as other programs decode it, and its bounds, over many kinds of video.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/encode/collecting_sink.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "tests/integration/encode/mpeg1_decoder.h"
#include "tests/integration/encode/synthetic_video.h"
#include "tests/support/mpeg1.h"

namespace pistream {
namespace {

using ::testing::IsEmpty;

struct Case {
  const char* name;
  Content content;
  VideoFormat format;
  int64_t bitrate_bps;
  int gop_pictures;
  int seconds;
  int keyframe_every = 0;  // pictures; 0: no keyframe is requested
  int padding = 0;         // bytes after each row
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

struct Encoded {
  std::vector<PicturePtr> pictures;
  std::vector<uint8_t> stream;
};

double FramesPerSecond(const Case& one) {
  return static_cast<double>(one.format.framerate.numerator) / one.format.framerate.denominator;
}

double MeanBits(const Case& one) {
  return static_cast<double>(one.bitrate_bps) / FramesPerSecond(one);
}

double Bits(const Picture& picture) { return 8.0 * static_cast<double>(picture.bytes.size()); }

Encoded Encode(const Case& one) {
  FakeClock clock;
  auto encoder = Mpeg1Encoder::Create(
      {.format = one.format, .bitrate_bps = one.bitrate_bps, .gop_pictures = one.gop_pictures},
      clock);
  Encoded encoded;
  if (!encoder) {
    ADD_FAILURE() << encoder.error().message;
    return encoded;
  }
  SyntheticVideo video(one.content, one.format, one.padding);
  const auto frames = static_cast<uint64_t>(one.seconds * FramesPerSecond(one));
  for (uint64_t number = 0; number < frames; ++number) {
    const bool keyframe =
        one.keyframe_every > 0 && number % static_cast<uint64_t>(one.keyframe_every) == 0;
    const auto picture = EncodeOne(**encoder, video.Make(number), keyframe);
    if (!picture) {
      ADD_FAILURE() << "frame " << number << ": " << picture.error().message;
      return encoded;
    }
    encoded.pictures.push_back(*picture);
    encoded.stream.insert(encoded.stream.end(), (*picture)->bytes.begin(), (*picture)->bytes.end());
  }
  return encoded;
}

double Psnr(const std::vector<uint8_t>& decoded, const Frame& frame) {
  double squares = 0;
  const FrameView view(frame);
  const Plane& luma = view.planes()[0];
  const auto [width, height] = frame.size();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double difference =
          decoded[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)] -
          luma.data[static_cast<ptrdiff_t>(y) * luma.stride + x];
      squares += difference * difference;
    }
  }
  return 10 * std::log10(255.0 * 255.0 * width * height / std::max(squares, 1.0));
}

double LowestPsnr(const Case& one, const DecodedVideo& decoded) {
  SyntheticVideo video(one.content, one.format);
  double lowest = 100;
  for (size_t number = 0; number < decoded.luma.size(); ++number) {
    lowest = std::min(lowest, Psnr(decoded.luma[number], video.Make(number)));
  }
  return lowest;
}

// The most bits in any 10 s; of a shorter video, in all of it.
double MostBitsIn10Seconds(const Case& one, const std::vector<PicturePtr>& pictures) {
  const auto window = static_cast<size_t>(std::lround(10 * FramesPerSecond(one)));
  double sum = 0;
  double most = 0;
  for (size_t number = 0; number < pictures.size(); ++number) {
    sum += Bits(*pictures[number]);
    if (number >= window) {
      sum -= Bits(*pictures[number - window]);
    }
    most = std::max(most, sum);
  }
  return most;
}

// The size of an I picture of one colour in MPEG-1, with an allowance for its headers.
double SmallestIntraBits(Size size) {
  return 30.0 * ((size.width + 15) / 16) * ((size.height + 15) / 16) + 512;
}

class EncodeTest : public ::testing::TestWithParam<Case> {
 protected:
  // The same for all tests of a case.
  static const Encoded& Stream() {
    static auto& streams = *new std::map<std::string, Encoded>;
    const std::string name =
        std::string(::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name()) +
        GetParam().name;
    const auto found = streams.find(name);
    return found != streams.end() ? found->second
                                  : streams.emplace(name, Encode(GetParam())).first->second;
  }
};

// Example failure is a picture whose reference libavcodec has and viewers have not.
TEST_P(EncodeTest, AnyVideo_IsDecodedWithoutAWarning) {
  const Encoded& encoded = Stream();
  const auto decoded = Decode(encoded.stream);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_THAT(decoded->complaints, IsEmpty());
  EXPECT_EQ(decoded->size, GetParam().format.size);
  EXPECT_EQ(decoded->luma.size(), encoded.pictures.size());
}

// Example failure is a second slice, or an I picture without its headers.
TEST_P(EncodeTest, AnyVideo_KeepsToThePlan) {
  int since_intra = GetParam().gop_pictures;
  int number = 0;
  for (const PicturePtr& picture : Stream().pictures) {
    SCOPED_TRACE(number);
    const auto summary = wire::SummarizePicture(picture->bytes);
    ASSERT_TRUE(summary);
    const bool intra = picture->type == PictureType::kIntra;
    EXPECT_EQ(summary->type, picture->type);
    EXPECT_EQ(summary->slices, 1);
    EXPECT_EQ(summary->size, intra ? std::optional(GetParam().format.size) : std::nullopt);
    const int every = GetParam().keyframe_every;
    if (since_intra >= GetParam().gop_pictures || (every > 0 && number % every == 0)) {
      EXPECT_TRUE(intra);
    }
    since_intra = intra ? 0 : since_intra;
    EXPECT_EQ(summary->temporal_reference, since_intra % 1024);
    ++since_intra;
    ++number;
  }
}

// Example failure: a picture that is marked as a repeat shows motion.
TEST_P(EncodeTest, AnyVideo_RepeatsShowThePictureBefore) {
  const Encoded& encoded = Stream();
  const auto decoded = Decode(encoded.stream);
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->luma.size(), encoded.pictures.size());
  SyntheticVideo video(GetParam().content, GetParam().format);
  for (size_t number = 0; number < encoded.pictures.size(); ++number) {
    const Picture& picture = *encoded.pictures[number];
    if (!picture.repeats) {
      EXPECT_EQ(picture.captured, video.Make(number).captured()) << number;
      continue;
    }
    ASSERT_GT(number, 0U);
    EXPECT_EQ(picture.captured, encoded.pictures[number - 1]->captured) << number;
    EXPECT_EQ(decoded->luma[number], decoded->luma[number - 1]) << number;
  }
}

// Example failure is noise at a bitrate that even the coarsest quantiser exceeds.
TEST_P(EncodeTest, AnyVideo_KeepsToTheBounds) {
  const Case& one = GetParam();
  const Encoded& encoded = Stream();
  EXPECT_LE(MostBitsIn10Seconds(one, encoded.pictures),
            1.1 * 10 * static_cast<double>(one.bitrate_bps));
  const double intra_bound = std::max(8 * MeanBits(one), SmallestIntraBits(one.format.size));
  for (const PicturePtr& picture : encoded.pictures) {
    EXPECT_LE(picture->bytes.size(), Mpeg1Encoder::kMaximumPictureBytes);
    if (picture->type == PictureType::kIntra) {
      EXPECT_LE(Bits(*picture), intra_bound);
    }
  }
}

constexpr VideoFormat Small(int rate, int denominator = 1) {
  return {.size = {.width = 96, .height = 80},
          .framerate = {.numerator = rate, .denominator = denominator}};
}
constexpr VideoFormat At24(int width, int height) {
  return {.size = {.width = width, .height = height},
          .framerate = {.numerator = 24, .denominator = 1}};
}

INSTANTIATE_TEST_SUITE_P(
    Contents, EncodeTest,
    ::testing::Values(Case{"black", Content::kBlack, Small(24), 40'000, 24, 14},
                      Case{"still", Content::kStill, Small(24), 40'000, 24, 14},
                      Case{"watched", Content::kWatched, Small(24), 40'000, 24, 14},
                      Case{"moving", Content::kMoving, Small(24), 40'000, 24, 14},
                      Case{"noise", Content::kNoise, Small(24), 40'000, 24, 14},
                      Case{"noise_little", Content::kNoise, Small(24), 10'000, 24, 14},
                      Case{"noise_plenty", Content::kNoise, Small(24), 20'000'000, 24, 3},
                      Case{"cuts", Content::kCuts, Small(24), 40'000, 24, 14},
                      Case{"changes", Content::kChanges, Small(24), 40'000, 24, 16}),
    ::testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(
    Keyframes, EncodeTest,
    ::testing::Values(Case{"still", Content::kStill, Small(24), 40'000, 24, 14, 12},
                      Case{"moving", Content::kMoving, Small(24), 40'000, 240, 14, 12},
                      Case{"noise", Content::kNoise, Small(24), 16'000, 24, 14, 12},
                      Case{"changes", Content::kChanges, Small(24), 40'000, 24, 14, 12},
                      Case{"all_intra", Content::kChanges, Small(24), 80'000, 1, 14},
                      Case{"long_gop", Content::kChanges, Small(24), 40'000, 1100, 46}),
    ::testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(
    Rates, EncodeTest,
    ::testing::Values(Case{"at_1", Content::kChanges, Small(1), 8'000, 1, 40},
                      Case{"at_5", Content::kChanges, Small(5), 20'000, 5, 30},
                      Case{"at_10", Content::kChanges, Small(10), 40'000, 10, 16},
                      Case{"at_12_5", Content::kChanges, Small(25, 2), 40'000, 12, 16},
                      Case{"at_15", Content::kChanges, Small(15), 40'000, 15, 16, 7},
                      Case{"at_29_97", Content::kChanges, Small(30000, 1001), 40'000, 30, 14},
                      Case{"at_60", Content::kChanges, Small(60), 80'000, 60, 14},
                      Case{"at_120", Content::kChanges, Small(120), 80'000, 120, 11, 60}),
    ::testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(
    Sizes, EncodeTest,
    ::testing::Values(Case{"at_16x16", Content::kMoving, At24(16, 16), 20'000, 24, 12},
                      Case{"at_16x16_noise", Content::kNoise, At24(16, 16), 8'000, 24, 12},
                      Case{"at_18x18", Content::kChanges, At24(18, 18), 20'000, 24, 12},
                      Case{"at_1000x16", Content::kChanges, At24(1000, 16), 80'000, 24, 12},
                      Case{"at_322x242", Content::kNoise, At24(322, 242), 200'000, 24, 3, 0, 78},
                      Case{"at_640x480", Content::kMoving, At24(640, 480), 800'000, 24, 2, 0, 64}),
    ::testing::PrintToStringParamName());

TEST(EncodeTest, StillScene_GetsFine) {
  const Case one{"", Content::kStill, Small(24), 400'000, 24, 4, 0, 32};
  const auto decoded = Decode(Encode(one).stream);
  ASSERT_TRUE(decoded);
  EXPECT_GT(LowestPsnr(one, *decoded), 35);
  SyntheticVideo video(one.content, one.format);
  EXPECT_GT(Psnr(decoded->luma.back(), video.Make(0)), 45);
}

TEST(EncodeTest, MovingScene_IsSeenMoving) {
  const Case one{"", Content::kMoving, Small(24), 400'000, 24, 4};
  const auto decoded = Decode(Encode(one).stream);
  ASSERT_TRUE(decoded);
  EXPECT_GT(LowestPsnr(one, *decoded), 27);
}

// Example failure is a P picture that takes as much as an I picture, with the I picture of the plan
// still to pay.
TEST(EncodeTest, Cut_IsAnIntraPicture) {
  const Case one{"", Content::kCuts, Small(24), 400'000, 24, 7};
  const auto pictures = Encode(one).pictures;
  const auto intra = [](const PicturePtr& picture) { return picture->type == PictureType::kIntra; };
  int cuts = 0;
  int shown_as_intra = 0;
  for (size_t number = 0; number < pictures.size(); number += 7) {
    ++cuts;
    shown_as_intra += intra(pictures[number]) ? 1 : 0;
  }
  EXPECT_GE(shown_as_intra, cuts - 2);
  EXPECT_LE(std::ranges::count_if(pictures, intra), cuts + 1);
}

// The bitrate is by the real frame rate, not by the one of MPEG-1's table that the header names.
class FrameRateTest : public ::testing::TestWithParam<Case> {};

TEST_P(FrameRateTest, MovingScene_TakesTheAskedBitrate) {
  const Case& one = GetParam();
  const auto pictures = Encode(one).pictures;
  const double bits =
      std::accumulate(pictures.begin(), pictures.end(), 0.0,
                      [](double sum, const PicturePtr& picture) { return sum + Bits(*picture); });
  EXPECT_NEAR(bits / one.seconds / static_cast<double>(one.bitrate_bps), 1.0, 0.05);
}

INSTANTIATE_TEST_SUITE_P(
    Rates, FrameRateTest,
    ::testing::Values(Case{"at_10", Content::kMoving, Small(10), 40'000, 10, 20},
                      Case{"at_15", Content::kMoving, Small(15), 40'000, 15, 20},
                      Case{"at_24", Content::kMoving, Small(24), 40'000, 24, 20},
                      Case{"at_29_97", Content::kMoving, Small(30000, 1001), 40'000, 30, 20},
                      Case{"at_60", Content::kMoving, Small(60), 80'000, 60, 20}),
    ::testing::PrintToStringParamName());

}  // namespace
}  // namespace pistream
