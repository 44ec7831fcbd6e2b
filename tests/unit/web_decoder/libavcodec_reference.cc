#include "tests/unit/web_decoder/libavcodec_reference.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace pistream::test {
namespace {

struct ContextDeleter {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FrameDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct PacketDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Context = std::unique_ptr<AVCodecContext, ContextDeleter>;
using Frame = std::unique_ptr<AVFrame, FrameDeleter>;
using Packet = std::unique_ptr<AVPacket, PacketDeleter>;

// Not the code under test: if it fails, there is nothing to compare with.
void Require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "libavcodec: " << what << '\n';
  std::abort();
}

std::vector<uint8_t> CopyPlane(const uint8_t* from, int stride, int width, int height) {
  std::vector<uint8_t> plane;
  plane.reserve(static_cast<size_t>(width) * static_cast<size_t>(height));
  for (int row = 0; row < height; ++row, from += stride) {
    plane.insert(plane.end(), from, from + width);
  }
  return plane;
}

void CopyPlane(const std::vector<uint8_t>& from, int width, uint8_t* to, int stride) {
  for (size_t at = 0; at < from.size(); at += static_cast<size_t>(width), to += stride) {
    std::memcpy(to, from.data() + at, static_cast<size_t>(width));
  }
}

uint16_t* CopyMatrix(const std::vector<uint16_t>& matrix) {
  if (matrix.empty()) return nullptr;
  auto* copy = static_cast<uint16_t*>(av_malloc(matrix.size() * sizeof(uint16_t)));
  std::copy(matrix.begin(), matrix.end(), copy);
  return copy;  // The codec context frees it.
}

}  // namespace

struct ReferenceDecoder::Impl {
  Context context;
  Frame frame{av_frame_alloc()};
  Packet packet{av_packet_alloc()};
};

ReferenceDecoder::ReferenceDecoder() : impl_(std::make_unique<Impl>()) {
  av_log_set_level(AV_LOG_QUIET);
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_MPEG1VIDEO);
  Require(codec != nullptr, "no MPEG-1 decoder");
  impl_->context.reset(avcodec_alloc_context3(codec));
  impl_->context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  impl_->context->thread_count = 1;
  impl_->context->idct_algo = FF_IDCT_SIMPLE;
  impl_->context->err_recognition = AV_EF_EXPLODE;
  Require(avcodec_open2(impl_->context.get(), codec, nullptr) == 0, "decoder does not open");
}

ReferenceDecoder::~ReferenceDecoder() = default;

std::optional<SamplePlanes> ReferenceDecoder::Decode(std::span<const uint8_t> picture) {
  AVPacket* packet = impl_->packet.get();
  Require(av_new_packet(packet, static_cast<int>(picture.size())) == 0, "no memory");
  std::copy(picture.begin(), picture.end(), packet->data);
  const int sent = avcodec_send_packet(impl_->context.get(), packet);
  av_packet_unref(packet);
  AVFrame* frame = impl_->frame.get();
  if (sent != 0 || avcodec_receive_frame(impl_->context.get(), frame) != 0) return std::nullopt;
  const int c_width = (frame->width + 1) / 2;
  const int c_height = (frame->height + 1) / 2;
  return SamplePlanes{
      .width = frame->width,
      .height = frame->height,
      .y = CopyPlane(frame->data[0], frame->linesize[0], frame->width, frame->height),
      .cb = CopyPlane(frame->data[1], frame->linesize[1], c_width, c_height),
      .cr = CopyPlane(frame->data[2], frame->linesize[2], c_width, c_height)};
}

struct ReferenceEncoder::Impl {
  Context context;
  Frame frame{av_frame_alloc()};
  Packet packet{av_packet_alloc()};
  int64_t next_pts = 0;
};

ReferenceEncoder::ReferenceEncoder(const ReferenceEncoderOptions& options)
    : impl_(std::make_unique<Impl>()) {
  av_log_set_level(AV_LOG_QUIET);
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MPEG1VIDEO);
  Require(codec != nullptr, "no MPEG-1 encoder");
  impl_->context.reset(avcodec_alloc_context3(codec));
  AVCodecContext* context = impl_->context.get();
  context->width = options.width;
  context->height = options.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, 25};
  context->framerate = {25, 1};
  context->gop_size = options.gop;
  context->max_b_frames = options.b_pictures;
  context->slices = options.slices;
  context->thread_count = 1;
  if (options.motion_range > 0) context->me_range = options.motion_range;
  context->intra_matrix = CopyMatrix(options.intra_matrix);
  context->inter_matrix = CopyMatrix(options.non_intra_matrix);
  if (options.quantiser > 0) {
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = options.quantiser * FF_QP2LAMBDA;
    context->qmin = 1;
  } else {
    context->bit_rate = options.bitrate;
  }
  if (options.b_pictures == 0) {
    context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    context->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
  }
  Require(avcodec_open2(context, codec, nullptr) == 0, "encoder does not open");
  AVFrame* frame = impl_->frame.get();
  frame->width = options.width;
  frame->height = options.height;
  frame->format = AV_PIX_FMT_YUV420P;
}

ReferenceEncoder::~ReferenceEncoder() = default;

std::vector<std::vector<uint8_t>> ReferenceEncoder::Encode(const SamplePlanes& picture) {
  AVFrame* frame = impl_->frame.get();
  if (frame->data[0] == nullptr) Require(av_frame_get_buffer(frame, 0) == 0, "no memory");
  Require(av_frame_make_writable(frame) == 0, "no memory");
  const int c_width = (picture.width + 1) / 2;
  CopyPlane(picture.y, picture.width, frame->data[0], frame->linesize[0]);
  CopyPlane(picture.cb, c_width, frame->data[1], frame->linesize[1]);
  CopyPlane(picture.cr, c_width, frame->data[2], frame->linesize[2]);
  frame->pts = impl_->next_pts++;
  frame->quality = impl_->context->global_quality;
  Require(avcodec_send_frame(impl_->context.get(), frame) == 0, "cannot encode");
  std::vector<std::vector<uint8_t>> coded;
  AVPacket* packet = impl_->packet.get();
  while (avcodec_receive_packet(impl_->context.get(), packet) == 0) {
    coded.emplace_back(packet->data, packet->data + packet->size);
    av_packet_unref(packet);
  }
  return coded;
}

}  // namespace pistream::test
