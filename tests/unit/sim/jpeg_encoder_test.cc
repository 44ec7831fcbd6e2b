#include "sim/jpeg_encoder.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
}

#include "gtest/gtest.h"
#include "sim/pattern.h"
#include "sim/stamp.h"
#include "tests/unit/sim/picture.h"

namespace pistream::sim {
namespace {

constexpr Size kSize{320, 240};

struct Free {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using FramePtr = std::unique_ptr<AVFrame, Free>;

FramePtr Decoded(const std::vector<uint8_t>& file) {
  const AVCodec* const codec = avcodec_find_decoder(AV_CODEC_ID_MJPEG);
  const std::unique_ptr<AVCodecContext, Free> context(avcodec_alloc_context3(codec));
  EXPECT_EQ(avcodec_open2(context.get(), codec, nullptr), 0);
  const std::unique_ptr<AVPacket, Free> packet(av_packet_alloc());
  EXPECT_EQ(av_new_packet(packet.get(), static_cast<int>(file.size())), 0);
  std::ranges::copy(file, packet->data);
  EXPECT_EQ(avcodec_send_packet(context.get(), packet.get()), 0);
  FramePtr frame(av_frame_alloc());
  EXPECT_EQ(avcodec_receive_frame(context.get(), frame.get()), 0);
  return frame;
}

TEST(JpegEncoder, SeveralPictures_EachAWholeFileWithItsStamp) {
  auto encoder = JpegEncoder::Make(kSize);
  ASSERT_TRUE(encoder) << encoder.error().message;
  const Pattern pattern(kSize, 1);
  for (uint64_t number = 0; number < 3; ++number) {
    const SteadyTime captured(std::chrono::milliseconds(40 * number));
    const auto file = encoder->Encode(
        [&](const MutablePlanes& planes) { pattern.Paint(number, captured, {}, planes); });
    ASSERT_TRUE(file) << file.error().message;
    // ISO/IEC 10918-1 B.1.1.3: start and end of image.
    EXPECT_EQ((std::vector(file->begin(), file->begin() + 2)), (std::vector<uint8_t>{0xff, 0xd8}));
    EXPECT_EQ((std::vector(file->end() - 2, file->end())), (std::vector<uint8_t>{0xff, 0xd9}));
    const FramePtr frame = Decoded(*file);
    EXPECT_EQ(ReadStamp(kSize, frame->data[0], frame->linesize[0]), MakeStamp(number, captured));
  }
}

TEST(JpegEncoder, ColourBars_SamplesAsTheyWere) {
  auto encoder = JpegEncoder::Make(kSize);
  ASSERT_TRUE(encoder) << encoder.error().message;
  const Pattern pattern(kSize, 1);
  const auto file = encoder->Encode(
      [&](const MutablePlanes& planes) { pattern.Paint(0, SteadyTime(), {}, planes); });
  ASSERT_TRUE(file) << file.error().message;
  const FramePtr frame = Decoded(*file);
  for (int bar = 0; bar < kBars; ++bar) {
    const Rect visible = VisibleBar(kSize, bar, {});
    const int x = visible.x / 2 + visible.width / 4;
    const int y = visible.y / 2 + visible.height / 4;
    const Colour& expected = kBarColours[static_cast<size_t>(bar)];
    EXPECT_NEAR(frame->data[0][2 * y * frame->linesize[0] + 2 * x], expected.y, 2) << bar;
    EXPECT_NEAR(frame->data[1][y * frame->linesize[1] + x], expected.u, 2) << bar;
    EXPECT_NEAR(frame->data[2][y * frame->linesize[2] + x], expected.v, 2) << bar;
  }
}

TEST(JpegEncoder, NoSize_SaysSo) {
  const auto encoder = JpegEncoder::Make({0, 0});
  ASSERT_FALSE(encoder);
  EXPECT_EQ(encoder.error().message, "libavcodec cannot encode JPEG files of 0x0");
}

}  // namespace
}  // namespace pistream::sim
