#include "src/encode/mpeg1/mpeg1_codec.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "src/encode/libav_log.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/buffer.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
}

namespace pistream {
namespace {

// Settings of libavcodec's encoder, including private options, by name.
struct Option {
  const char* name;
  int64_t value;
};
constexpr Option kOptions[] = {
    // Required for AV_CODEC_FLAG_LOW_DELAY, without which the encoder holds one frame back; and
    // with
    // "unofficial" only, it would insert an I picture after 600 pictures.
    {"strict", FF_COMPLIANCE_EXPERIMENTAL},
    // Each thread would encode a slice of its own.
    {"threads", 1},
    {"bf", 0},
    // No I pictures by libavcodec's own GOP plan or scene change detection.
    {"g", std::numeric_limits<int>::max() / 2},
    {"sc_threshold", 1'000'000'000},
    {"qmin", 1},
    {"qmax", 31},
};
constexpr auto kFlags =
    static_cast<int>(AV_CODEC_FLAG_LOW_DELAY | AV_CODEC_FLAG_CLOSED_GOP | AV_CODEC_FLAG_QSCALE);

// 2.4.3.2, picture_rate.
constexpr AVRational kPictureRates[] = {{24000, 1001}, {24, 1}, {25, 1},       {30000, 1001},
                                        {30, 1},       {50, 1}, {60000, 1001}, {60, 1}};

AVRational NearestPictureRate(FrameRate framerate) {
  const AVRational wanted{framerate.numerator, framerate.denominator};
  return *std::min_element(
      std::begin(kPictureRates), std::end(kPictureRates),
      [&](AVRational one, AVRational other) { return av_nearer_q(wanted, one, other) > 0; });
}

std::string Describe(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

void FreeNothing(void* /*opaque*/, uint8_t* /*data*/) {}

}  // namespace

class Mpeg1Codec::Libav {
 public:
  Libav() = default;
  Libav(const Libav&) = delete;
  Libav& operator=(const Libav&) = delete;
  ~Libav() {
    av_packet_free(&packet_);
    av_frame_free(&frame_);
    avcodec_free_context(&context_);
  }

  Result<void> Open(const VideoFormat& format, int64_t bitrate_bps) {
    RouteLibavLog();
    const AVCodec* const codec = avcodec_find_encoder(AV_CODEC_ID_MPEG1VIDEO);
    if (codec == nullptr) {
      return Fail("this libavcodec has no encoder for MPEG-1; install Debian's libavcodec");
    }
    context_ = avcodec_alloc_context3(codec);
    packet_ = av_packet_alloc();
    if (context_ == nullptr || packet_ == nullptr) {
      return Fail("out of memory for the MPEG-1 encoder");
    }
    context_->width = format.size.width;
    context_->height = format.size.height;
    context_->pix_fmt = AV_PIX_FMT_YUV420P;
    context_->time_base = av_inv_q(NearestPictureRate(format.framerate));
    context_->framerate = NearestPictureRate(format.framerate);
    context_->bit_rate = bitrate_bps;
    context_->flags |= kFlags;
    for (const Option& option : kOptions) {
      if (const int error =
              av_opt_set_int(context_, option.name, option.value, AV_OPT_SEARCH_CHILDREN);
          error < 0) {
        return Fail("cannot set libavcodec's option {}: {}", option.name, Describe(error));
      }
    }
    if (const int error = avcodec_open2(context_, codec, nullptr); error < 0) {
      return Fail("cannot open libavcodec's MPEG-1 encoder: {}", Describe(error));
    }
    return MakeFrame();
  }

  Result<std::span<const uint8_t>> Encode(const Planes& planes, PictureType type, int quantiser) {
    PointTo(planes);
    frame_->pict_type = type == PictureType::kIntra ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_P;
    frame_->quality = quantiser * FF_QP2LAMBDA;
    ++frame_->pts;
    if (const int error = avcodec_send_frame(context_, frame_); error < 0) {
      return Fail("libavcodec rejected a frame: {}", Describe(error));
    }
    av_packet_unref(packet_);
    if (const int error = avcodec_receive_packet(context_, packet_); error < 0) {
      return Fail("libavcodec returned no packet for a frame: {}", Describe(error));
    }
    return std::span<const uint8_t>(packet_->data, static_cast<size_t>(packet_->size));
  }

 private:
  // Creates a frame without pixels. libavcodec copies frames without reference-counted buffers, so
  // this one has buffers of one byte, and PointTo() lets them refer to the caller's planes.
  Result<void> MakeFrame() {
    frame_ = av_frame_alloc();
    if (frame_ == nullptr) {
      return Fail("out of memory for a frame of libavcodec");
    }
    frame_->width = context_->width;
    frame_->height = context_->height;
    frame_->format = context_->pix_fmt;
    frame_->pts = -1;
    for (int plane = 0; plane < 3; ++plane) {
      frame_->buf[plane] =
          av_buffer_create(&placeholder_, 1, &FreeNothing, nullptr, AV_BUFFER_FLAG_READONLY);
      if (frame_->buf[plane] == nullptr) {
        return Fail("out of memory for a frame of libavcodec");
      }
    }
    return {};
  }

  void PointTo(const Planes& planes) {
    for (size_t index = 0; index < planes.size(); ++index) {
      const int rows = index == 0 ? frame_->height : frame_->height / 2;
      // libavcodec only reads through this pointer: the buffer is marked read-only.
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
      frame_->data[index] = const_cast<uint8_t*>(planes[index].data);
      frame_->linesize[index] = planes[index].stride;
      frame_->buf[index]->data = frame_->data[index];
      frame_->buf[index]->size =
          static_cast<size_t>(planes[index].stride) * static_cast<size_t>(rows);
    }
  }

  AVCodecContext* context_ = nullptr;
  AVFrame* frame_ = nullptr;
  AVPacket* packet_ = nullptr;
  uint8_t placeholder_ = 0;
};

Mpeg1Codec::Mpeg1Codec(std::unique_ptr<Libav> libav) : libav_(std::move(libav)) {}
Mpeg1Codec::~Mpeg1Codec() = default;

Result<std::unique_ptr<Mpeg1Codec>> Mpeg1Codec::Open(const VideoFormat& format,
                                                     int64_t bitrate_bps) {
  auto libav = std::make_unique<Libav>();
  if (auto opened = libav->Open(format, bitrate_bps); !opened) {
    return tl::unexpected(std::move(opened).error());
  }
  return std::unique_ptr<Mpeg1Codec>(new Mpeg1Codec(std::move(libav)));
}

Result<std::span<const uint8_t>> Mpeg1Codec::Encode(const Planes& planes, PictureType type,
                                                    int quantiser) {
  return libav_->Encode(planes, type, quantiser);
}

}  // namespace pistream
