#include "tests/integration/encode/mpeg1_decoder.h"

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace pistream {
namespace {

std::vector<std::string>* complaints_now = nullptr;

void Complain(void* context, int level, const char* format, va_list arguments) {
  if (level <= AV_LOG_WARNING && complaints_now != nullptr) {
    char line[256] = {};
    int print_prefix = 1;
    av_log_format_line2(context, level, format, arguments, line, sizeof line, &print_prefix);
    complaints_now->emplace_back(line);
  }
}

int Read(void* opaque, uint8_t* buffer, int size) {
  auto& left = *static_cast<std::span<const uint8_t>*>(opaque);
  const size_t bytes = std::min(left.size(), static_cast<size_t>(size));
  std::copy_n(left.begin(), bytes, buffer);
  left = left.subspan(bytes);
  return bytes == 0 ? AVERROR_EOF : static_cast<int>(bytes);
}

class Decoder {
 public:
  Decoder(std::span<const uint8_t> stream, Decoding decoding) : left_(stream), decoding_(decoding) {
    complaints_now = &video_.complaints;
    av_log_set_callback(&Complain);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() {
    complaints_now = nullptr;
    av_frame_free(&frame_);
    av_packet_free(&packet_);
    avcodec_free_context(&codec_);
    avformat_close_input(&format_);
    av_freep(static_cast<void*>(&io_->buffer));
    avio_context_free(&io_);
  }

  Result<DecodedVideo> Run() {
    if (!Open()) {
      return Fail("cannot open the stream");
    }
    while (av_read_frame(format_, packet_) >= 0) {
      const bool decoded = Send(packet_);
      av_packet_unref(packet_);
      if (!decoded) {
        return Fail("damage after {} pictures", video_.luma.size());
      }
    }
    if (!Send(nullptr)) {
      return Fail("damage at the end");
    }
    return std::move(video_);
  }

 private:
  bool Open() {
    constexpr int kBufferBytes = 4096;
    io_ = avio_alloc_context(static_cast<unsigned char*>(av_malloc(kBufferBytes)), kBufferBytes, 0,
                             &left_, &Read, nullptr, nullptr);
    format_ = avformat_alloc_context();
    format_->pb = io_;
    if (avformat_open_input(&format_, nullptr, av_find_input_format("mpegvideo"), nullptr) < 0 ||
        avformat_find_stream_info(format_, nullptr) < 0 || format_->nb_streams != 1) {
      return false;
    }
    const AVCodecParameters& parameters = *format_->streams[0]->codecpar;
    if (parameters.codec_id != AV_CODEC_ID_MPEG1VIDEO) {
      return false;
    }
    codec_ = avcodec_alloc_context3(avcodec_find_decoder(parameters.codec_id));
    avcodec_parameters_to_context(codec_, &parameters);
    if (decoding_ == Decoding::kStrict) {
      codec_->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_CAREFUL;
    }
    codec_->thread_count = 1;
    return avcodec_open2(codec_, nullptr, nullptr) >= 0;
  }

  // Null: no more packets.
  bool Send(const AVPacket* packet) {
    if (avcodec_send_packet(codec_, packet) < 0) {
      return false;
    }
    int error = 0;
    while ((error = avcodec_receive_frame(codec_, frame_)) >= 0) {
      Keep();
    }
    return error == AVERROR(EAGAIN) || error == AVERROR_EOF;
  }

  void Keep() {
    video_.size = {.width = frame_->width, .height = frame_->height};
    video_.framerate = {.numerator = codec_->framerate.num, .denominator = codec_->framerate.den};
    auto& luma = video_.luma.emplace_back();
    for (int y = 0; y < frame_->height; ++y) {
      const uint8_t* const row = frame_->data[0] + ptrdiff_t{y} * frame_->linesize[0];
      luma.insert(luma.end(), row, row + frame_->width);
    }
  }

  std::span<const uint8_t> left_;
  const Decoding decoding_;
  DecodedVideo video_;
  AVIOContext* io_ = nullptr;
  AVFormatContext* format_ = nullptr;
  AVCodecContext* codec_ = nullptr;
  AVPacket* packet_ = av_packet_alloc();
  AVFrame* frame_ = av_frame_alloc();
};

}  // namespace

Result<DecodedVideo> Decode(std::span<const uint8_t> stream, Decoding decoding) {
  return Decoder(stream, decoding).Run();
}

}  // namespace pistream
