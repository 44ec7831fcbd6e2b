// The stamp comes through MPEG-1 at 400 kbit/s: encoded and decoded by libavcodec itself, so that
// nothing of ours but the painting and reading is tested.

#include <cstring>
#include <memory>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
}

#include "gtest/gtest.h"
#include "sim/pattern.h"
#include "sim/stamp.h"

namespace pistream::sim {
namespace {

constexpr int kFrames = 72;
constexpr int kFramesPerSecond = 24;

SteadyTime FrameTime(int frame) {
  return SteadyTime(std::chrono::hours(2) + frame * std::chrono::nanoseconds(1'000'000'000 / 24));
}

struct Free {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Context = std::unique_ptr<AVCodecContext, Free>;
using FramePtr = std::unique_ptr<AVFrame, Free>;
using PacketPtr = std::unique_ptr<AVPacket, Free>;

Context OpenEncoder(Size size) {
  const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_MPEG1VIDEO);
  Context context(avcodec_alloc_context3(codec));
  context->width = size.width;
  context->height = size.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, kFramesPerSecond};
  context->framerate = {kFramesPerSecond, 1};
  context->gop_size = kFramesPerSecond;
  context->max_b_frames = 0;
  context->bit_rate = 400'000;
  context->rc_max_rate = 400'000;
  context->rc_buffer_size = 400'000;
  EXPECT_EQ(avcodec_open2(context.get(), codec, nullptr), 0);
  return context;
}

Context OpenDecoder() {
  const AVCodec* const codec = avcodec_find_decoder(AV_CODEC_ID_MPEG1VIDEO);
  Context context(avcodec_alloc_context3(codec));
  EXPECT_EQ(avcodec_open2(context.get(), codec, nullptr), 0);
  return context;
}

FramePtr PaintedFrame(const Pattern& pattern, Size size, int number) {
  FramePtr frame(av_frame_alloc());
  frame->width = size.width;
  frame->height = size.height;
  frame->format = AV_PIX_FMT_YUV420P;
  frame->pts = number;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  pattern.Paint(static_cast<uint64_t>(number), FrameTime(number), {},
                {MutablePlane{frame->data[0], frame->linesize[0]},
                 MutablePlane{frame->data[1], frame->linesize[1]},
                 MutablePlane{frame->data[2], frame->linesize[2]}});
  return frame;
}

class StampSurvivesMpeg1 : public testing::TestWithParam<Size> {
 protected:
  // All that the encoder has to give now goes through the decoder.
  void Drain() {
    while (avcodec_receive_packet(encoder_.get(), packet_.get()) == 0) {
      bytes_ += packet_->size;
      ASSERT_EQ(avcodec_send_packet(decoder_.get(), packet_.get()), 0);
      av_packet_unref(packet_.get());
      ReadDecoded();
    }
  }

  void ReadDecoded() {
    while (avcodec_receive_frame(decoder_.get(), decoded_.get()) == 0) {
      const auto stamp = ReadStamp(GetParam(), decoded_->data[0], decoded_->linesize[0]);
      ASSERT_TRUE(stamp) << "frame " << read_;
      EXPECT_EQ(*stamp, MakeStamp(static_cast<uint64_t>(read_), FrameTime(read_)));
      ++read_;
    }
  }

  const Context encoder_ = OpenEncoder(GetParam());
  const Context decoder_ = OpenDecoder();
  const PacketPtr packet_{av_packet_alloc()};
  const FramePtr decoded_{av_frame_alloc()};
  int64_t bytes_ = 0;
  int read_ = 0;
};

TEST_P(StampSurvivesMpeg1, At400KilobitsASecond_EveryFrameIsRead) {
  const Pattern pattern(GetParam(), 1);
  for (int number = 0; number < kFrames; ++number) {
    const FramePtr frame = PaintedFrame(pattern, GetParam(), number);
    ASSERT_EQ(avcodec_send_frame(encoder_.get(), frame.get()), 0);
    Drain();
  }
  ASSERT_EQ(avcodec_send_frame(encoder_.get(), nullptr), 0);
  Drain();
  ASSERT_EQ(avcodec_send_packet(decoder_.get(), nullptr), 0);
  ReadDecoded();
  EXPECT_EQ(read_, kFrames);
  RecordProperty("kilobits_a_second",
                 static_cast<int>(bytes_ * 8 * kFramesPerSecond / kFrames / 1000));
}

INSTANTIATE_TEST_SUITE_P(Sizes, StampSurvivesMpeg1,
                         testing::Values(Size{640, 480}, Size{1280, 720}, Size{160, 120}),
                         [](const auto& size) { return "Size" + ToString(size.param); });

}  // namespace
}  // namespace pistream::sim
