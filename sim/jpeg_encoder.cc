#include "sim/jpeg_encoder.h"

#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libavutil/pixfmt.h>
}

namespace pistream::sim {

struct JpegEncoder::Libav {
  Libav() = default;
  Libav(const Libav&) = delete;
  Libav& operator=(const Libav&) = delete;
  ~Libav() {
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&context);
  }

  AVCodecContext* context = nullptr;
  AVFrame* frame = av_frame_alloc();
  AVPacket* packet = av_packet_alloc();
};

JpegEncoder::JpegEncoder(std::unique_ptr<Libav> libav) : libav_(std::move(libav)) {}
JpegEncoder::JpegEncoder(JpegEncoder&& other) noexcept = default;
JpegEncoder& JpegEncoder::operator=(JpegEncoder&& other) noexcept = default;
JpegEncoder::~JpegEncoder() = default;

Result<JpegEncoder> JpegEncoder::Make(Size size) {
  auto libav = std::make_unique<Libav>();
  const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  libav->context = avcodec_alloc_context3(codec);
  if (codec == nullptr || libav->context == nullptr) {
    return Fail("this libavcodec has no encoder for JPEG; install Debian's libavcodec");
  }
  AVCodecContext& context = *libav->context;
  context.width = size.width;
  context.height = size.height;
  context.pix_fmt = AV_PIX_FMT_YUV420P;
  context.color_range = AVCOL_RANGE_JPEG;
  context.time_base = {1, 1};
  context.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
  context.global_quality = FF_QP2LAMBDA;
  context.qmin = 1;
  context.thread_count = 1;
  if (avcodec_open2(&context, codec, nullptr) < 0) {
    return Fail("libavcodec cannot encode JPEG files of {}", ToString(size));
  }
  libav->frame->width = size.width;
  libav->frame->height = size.height;
  libav->frame->format = context.pix_fmt;
  libav->frame->color_range = context.color_range;
  libav->frame->quality = context.global_quality;
  libav->frame->pts = 0;
  if (av_frame_get_buffer(libav->frame, 0) < 0) {
    return Fail("out of memory for a picture of {}", ToString(size));
  }
  return JpegEncoder(std::move(libav));
}

Result<std::vector<uint8_t>> JpegEncoder::Encode(
    const std::function<void(const MutablePlanes&)>& paint) {
  AVFrame& frame = *libav_->frame;
  if (av_frame_make_writable(&frame) < 0) {
    return Fail("out of memory for a picture");
  }
  paint({MutablePlane{frame.data[0], frame.linesize[0]},
         MutablePlane{frame.data[1], frame.linesize[1]},
         MutablePlane{frame.data[2], frame.linesize[2]}});
  ++frame.pts;
  AVPacket* const packet = libav_->packet;
  if (avcodec_send_frame(libav_->context, &frame) < 0 ||
      avcodec_receive_packet(libav_->context, packet) < 0) {
    return Fail("libavcodec cannot encode a JPEG file");
  }
  std::vector<uint8_t> file(packet->data, packet->data + packet->size);
  av_packet_unref(packet);
  return file;
}

}  // namespace pistream::sim
