// The stream of the classic path, trailers and all, as other programs decode it.

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/encode/collecting_sink.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "src/wire/classic_trailer.h"
#include "tests/integration/encode/mpeg1_decoder.h"
#include "tests/integration/encode/synthetic_video.h"

extern "C" {
#include "libavformat/avformat.h"
}

namespace pistream {
namespace {

constexpr VideoFormat kFormat{.size = {.width = 160, .height = 120}, .framerate = {24, 1}};
constexpr uint64_t kPictures = 60;

class ClassicStreamTest : public testing::Test {
 protected:
  ClassicStreamTest() {
    FakeClock clock;
    auto encoder = Mpeg1Encoder::Create(
        {.format = kFormat, .bitrate_bps = 300'000, .gop_pictures = 12}, clock);
    SyntheticVideo video(Content::kMoving, kFormat);
    for (uint64_t number = 0; encoder && number < kPictures; ++number) {
      const auto picture = EncodeOne(**encoder, video.Make(number));
      if (picture) {
        Append((*picture)->bytes, plain_);
        Append((*picture)->bytes, classic_);
        Append(wire::ClassicTrailer(), classic_);
      }
    }
  }

  static void Append(std::span<const uint8_t> bytes, std::vector<uint8_t>& stream) {
    stream.insert(stream.end(), bytes.begin(), bytes.end());
  }

  std::vector<uint8_t> plain_;
  std::vector<uint8_t> classic_;
};

TEST_F(ClassicStreamTest, Libavcodec_GivesTheSamePicturesWithoutAWarning) {
  const auto expected = Decode(plain_);
  // Strictly taken the empty picture is damage: it has no slices.
  const auto decoded = Decode(classic_, Decoding::kAsPlayersDo);
  ASSERT_TRUE(expected) << expected.error().message;
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(expected->luma.size(), kPictures);
  EXPECT_EQ(decoded->luma, expected->luma);
  EXPECT_THAT(decoded->complaints, testing::IsEmpty());
}

// As `ffprobe recording` does, without a format option.
TEST_F(ClassicStreamTest, Libavformat_TakesItForMpeg1) {
  std::vector<uint8_t> padded = classic_;
  padded.resize(classic_.size() + AVPROBE_PADDING_SIZE);
  AVProbeData data{};
  data.filename = "";
  data.buf = padded.data();
  data.buf_size = static_cast<int>(classic_.size());
  const AVInputFormat* const format = av_probe_input_format(&data, 1);
  ASSERT_NE(format, nullptr);
  EXPECT_EQ(std::string(format->name), "mpegvideo");
}

}  // namespace
}  // namespace pistream
