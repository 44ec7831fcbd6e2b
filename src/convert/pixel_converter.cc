#include "src/convert/pixel_converter.h"

#include <array>
#include <cstdint>
#include <utility>

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixfmt.h>
#include <libswscale/swscale.h>
}

namespace pistream {
namespace {

AVPixelFormat ToAv(PixelLayout layout) {
  switch (layout) {
    case PixelLayout::kI420:
    case PixelLayout::kYv12:  // the same with the chroma planes exchanged, which Convert does
      return AV_PIX_FMT_YUV420P;
    case PixelLayout::kNv12:
      return AV_PIX_FMT_NV12;
    case PixelLayout::kNv21:
      return AV_PIX_FMT_NV21;
    case PixelLayout::kYuyv:
      return AV_PIX_FMT_YUYV422;
    case PixelLayout::kUyvy:
      return AV_PIX_FMT_UYVY422;
    case PixelLayout::kBgr24:
      return AV_PIX_FMT_BGR24;
    case PixelLayout::kRgb24:
      return AV_PIX_FMT_RGB24;
    case PixelLayout::kBgrx:
      return AV_PIX_FMT_BGR0;
    case PixelLayout::kRgbx:
      return AV_PIX_FMT_RGB0;
  }
  return AV_PIX_FMT_NONE;
}

bool IsRgb(PixelLayout layout) {
  return layout == PixelLayout::kBgr24 || layout == PixelLayout::kRgb24 ||
         layout == PixelLayout::kBgrx || layout == PixelLayout::kRgbx;
}

constexpr int kLimitedRange = 0;

struct FreeContext {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

// The ranges have to be known from the start: libswscale chooses a plain copy otherwise, and keeps
// to it.
SwsContext* MakeContext(AVPixelFormat from, bool full_range, Size size) {
  std::unique_ptr<SwsContext, FreeContext> context(sws_alloc_context());
  const std::pair<const char*, int> options[] = {
      {"srcw", size.width},
      {"srch", size.height},
      {"src_format", from},
      {"src_range", full_range ? 1 : 0},
      {"dstw", size.width},
      {"dsth", size.height},
      {"dst_format", AV_PIX_FMT_YUV420P},
      {"dst_range", kLimitedRange},
      // The size stays: this only sets how chroma is averaged where the source has more of it.
      {"sws_flags", SWS_BILINEAR},
  };
  for (const auto& [name, value] : options) {
    if (!context || av_opt_set_int(context.get(), name, value, 0) < 0) {
      return nullptr;
    }
  }
  return sws_init_context(context.get(), nullptr, nullptr) < 0 ? nullptr : context.release();
}

}  // namespace

struct PixelConverter::Scaler {
  std::unique_ptr<SwsContext, FreeContext> context;
  PixelLayout layout = PixelLayout::kI420;
  Size size;
};

PixelConverter::PixelConverter(std::unique_ptr<Scaler> scaler) : scaler_(std::move(scaler)) {}
PixelConverter::PixelConverter(PixelConverter&&) noexcept = default;
PixelConverter& PixelConverter::operator=(PixelConverter&&) noexcept = default;
PixelConverter::~PixelConverter() = default;

Result<PixelConverter> PixelConverter::Make(PixelLayout layout, ColorSpace color_space, Size size) {
  auto scaler = std::make_unique<Scaler>();
  scaler->layout = layout;
  scaler->size = size;
  const bool full_range = color_space.range == ColorRange::kFull || IsRgb(layout);
  scaler->context.reset(MakeContext(ToAv(layout), full_range, size));
  if (!scaler->context) {
    return Fail("libswscale cannot convert the camera's pixels at {}", ToString(size));
  }
  const bool is_bt709 = color_space.matrix == ColorMatrix::kBt709 && !IsRgb(layout);
  const int matrix = is_bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601;
  constexpr int kOne = 1 << 16;  // contrast and saturation are of 16.16 fixed point
  sws_setColorspaceDetails(scaler->context.get(), sws_getCoefficients(matrix), full_range ? 1 : 0,
                           sws_getCoefficients(SWS_CS_ITU601), kLimitedRange, 0, kOne, kOne);
  return PixelConverter(std::move(scaler));
}

void PixelConverter::Convert(const Planes& from, const MutablePlanes& to) {
  Planes planes = from;
  if (scaler_->layout == PixelLayout::kYv12) {
    std::swap(planes[1], planes[2]);
  }
  const std::array<const uint8_t*, 4> source{planes[0].data, planes[1].data, planes[2].data,
                                             nullptr};
  const std::array<int, 4> source_stride{planes[0].stride, planes[1].stride, planes[2].stride, 0};
  const std::array<uint8_t*, 4> target{to[0].data, to[1].data, to[2].data, nullptr};
  const std::array<int, 4> target_stride{to[0].stride, to[1].stride, to[2].stride, 0};
  sws_scale(scaler_->context.get(), source.data(), source_stride.data(), 0, scaler_->size.height,
            target.data(), target_stride.data());
}

}  // namespace pistream
