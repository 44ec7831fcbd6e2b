#include "sim/overlay.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "fmt/format.h"
#include "sim/font.h"
#include "sim/stamp.h"

namespace pistream::sim {
namespace {

constexpr Colour kBackground{.y = 26, .u = 128, .v = 128};
constexpr uint8_t kBright = 235;
constexpr uint8_t kDim = 150;

constexpr std::string_view kWidestClock = "00:00:00.000";
constexpr std::string_view kName = "pistream";

// The footer's height in dots of the clock's font: the text and a margin.
constexpr int kFooterDots = 12;
constexpr int kMarginDots = 4;

// Formatted text that allocates nothing, unlike fmt::format.
template <size_t kCapacity>
class ShortText {
 public:
  template <typename... Args>
  explicit ShortText(fmt::format_string<Args...> format, Args&&... args) {
    const auto result =
        fmt::format_to_n(text_.data(), kCapacity, format, std::forward<Args>(args)...);
    size_ = std::min(result.size, kCapacity);
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kCapacity> text_;
  size_t size_;
};

ShortText<16> ClockText(SteadyTime captured) {
  const auto total =
      std::chrono::floor<std::chrono::milliseconds>(captured.time_since_epoch()).count();
  return ShortText<16>("{:02}:{:02}:{:02}.{:03}", total / 3'600'000 % 100, total / 60'000 % 60,
                       total / 1000 % 60, total % 1000);
}

// Vertically centred in the band.
void PaintLine(std::string_view text, int x, int scale, uint8_t ink, const Rect& band,
               const MutablePlane& luma) {
  PaintText(text, x, band.y + (band.height - kGlyphRows * scale) / 2, scale, ink, luma);
}

}  // namespace

Rect StampBand(Size size) {
  const auto layout = LayoutFor(size);
  return layout ? Rect{0, 0, size.width, layout->rows * kCell} : Rect{};
}

Rect FooterBand(Size size, int top) {
  constexpr int kRowsAScaleStep = 120;
  const int widest = (size.width / (TextWidth(kWidestClock, 1) + 2 * kMarginDots));
  const int scale = std::min(std::max(1, size.height / kRowsAScaleStep), widest);
  const int height = scale * kFooterDots;
  if (scale == 0 || size.height - top < 3 * height) {
    return {};
  }
  return {0, size.height - height, size.width, height};
}

void PaintStampBand(const Rect& band, Size size, uint64_t sequence, SteadyTime captured,
                    const MutablePlanes& planes) {
  if (band.empty()) {
    return;
  }
  FillRect(band, kBackground, planes);
  PaintStamp(MakeStamp(sequence, captured), size, planes[0].data, planes[0].stride);
  constexpr int kScale = 2;
  const int stamp_width = LayoutFor(size)->cells_per_row * kCell;
  const int text_width = TextWidth(kName, kScale);
  if (size.width - stamp_width >= text_width + 2 * kCell) {
    PaintLine(kName, size.width - text_width - kCell, kScale, kDim, band, planes[0]);
  }
}

void PaintFooter(const Rect& band, uint64_t sequence, SteadyTime captured,
                 const MutablePlanes& planes) {
  if (band.empty()) {
    return;
  }
  FillRect(band, kBackground, planes);
  const int scale = band.height / kFooterDots;
  const int margin = kMarginDots * scale;
  const auto clock = ClockText(captured);
  const int clock_x = band.width - margin - TextWidth(clock.view(), scale);
  PaintLine(clock.view(), clock_x, scale, kBright, band, planes[0]);

  const ShortText<16> frame("frame {:07}", sequence % 10'000'000);
  const int small = std::max(1, scale / 2);
  if (margin + TextWidth(frame.view(), small) + margin <= clock_x) {
    PaintLine(frame.view(), margin, small, kDim, band, planes[0]);
  }
}

}  // namespace pistream::sim
