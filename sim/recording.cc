#include "sim/recording.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "sim/overlay.h"
#include "src/base/parse_number.h"

namespace pistream::sim {
namespace {

constexpr std::string_view kMagic = "YUV4MPEG2 ";
constexpr std::string_view kFrame = "FRAME";
constexpr size_t kMaximumHeader = 256;  // bytes; errors may quote it

size_t PictureBytes(Size size) {
  return static_cast<size_t>(size.width) * static_cast<size_t>(size.height) * 3 / 2;
}

// The line at `at`, without its end; moves `at` to the next line. Nothing if the line has no end.
std::optional<std::string_view> TakeLine(std::string_view contents, size_t& at) {
  const size_t end = contents.find('\n', at);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = contents.substr(at, end - at);
  at = end + 1;
  return line;
}

bool ParseSide(std::string_view text, int& pixels) {
  const auto number = ParseNumber<int>(text);
  pixels = number.value_or(0);
  return number.has_value();
}

// Applies one parameter of the header: a letter and its value. False if it is not supported.
bool TakeParameter(std::string_view parameter, Size& size) {
  const std::string_view value = parameter.substr(1);
  switch (parameter.front()) {
    case 'W':
      return ParseSide(value, size.width);
    case 'H':
      return ParseSide(value, size.height);
    case 'I':
      return value == "p" || value == "?";
    case 'X':
      // Comments, except this one, which ffmpeg writes for full range.
      return value != "COLORRANGE=FULL";
    case 'C':
      // The chroma siting does not matter here; "420p10" has 10 bits.
      return value == "420" || value == "420jpeg" || value == "420mpeg2" || value == "420paldv";
    default:
      return true;
  }
}

Result<Size> ParseHeader(std::string_view line, std::string_view name) {
  Size size;
  for (std::string_view rest = line.substr(kMagic.size()); !rest.empty();) {
    const std::string_view parameter = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
    if (!parameter.empty() && !TakeParameter(parameter, size)) {
      return FailUsage(
          "{}: '{}' is not supported: convert it to 8-bit 4:2:0 of limited range, not interlaced",
          name, parameter);
    }
  }
  if (const auto checked = CheckSize(size); !checked) {
    return FailUsage("{}: {}", name, checked.error().message);
  }
  return size;
}

void CopyRow(const uint8_t* from, int width, bool is_reversed, uint8_t* to) {
  if (is_reversed) {
    std::reverse_copy(from, from + width, to);
  } else {
    std::memcpy(to, from, static_cast<size_t>(width));
  }
}

}  // namespace

Result<std::shared_ptr<const Recording>> Recording::Read(const std::filesystem::path& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) {
    return FailUsage("cannot read {}: {}", path.string(), error.message());
  }
  if (bytes > kMaximumBytes) {
    return FailUsage("{} has more than {} MiB: use a shorter recording", path.string(),
                     kMaximumBytes >> 20);
  }
  std::string contents(bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(contents.data(), static_cast<std::streamsize>(bytes))) {
    return FailUsage("cannot read {}", path.string());
  }
  return Parse(std::move(contents), path.string());
}

Result<std::shared_ptr<const Recording>> Recording::Parse(std::string contents,
                                                          std::string_view name) {
  size_t at = 0;
  const auto header = TakeLine(contents, at);
  if (!header || header->size() > kMaximumHeader || !header->starts_with(kMagic)) {
    return FailUsage("{} is not a YUV4MPEG2 file: convert it with ffmpeg", name);
  }
  const auto size = ParseHeader(*header, name);
  if (!size) {
    return tl::unexpected(size.error());
  }
  std::shared_ptr<Recording> recording(new Recording);
  const size_t picture_bytes = PictureBytes(*size);
  while (at < contents.size()) {
    const auto line = TakeLine(contents, at);
    if (!line || !line->starts_with(kFrame) || contents.size() - at < picture_bytes) {
      return FailUsage("{}: picture {} is incomplete", name, recording->offsets_.size());
    }
    recording->offsets_.push_back(at);
    at += picture_bytes;
  }
  if (recording->offsets_.empty()) {
    return FailUsage("{} has no pictures", name);
  }
  recording->size_ = *size;
  recording->stamp_ = StampBand(*size);
  recording->footer_ = FooterBand(*size, recording->stamp_.bottom());
  recording->contents_ = std::move(contents);
  return recording;
}

void Recording::Paint(uint64_t sequence, SteadyTime captured, Flips flips,
                      const MutablePlanes& planes) const {
  const size_t offset = offsets_[sequence % offsets_.size()];
  const auto* from = reinterpret_cast<const uint8_t*>(contents_.data() + offset);
  for (size_t plane = 0; plane < planes.size(); ++plane) {
    const int width = plane == 0 ? size_.width : size_.width / 2;
    const int height = plane == 0 ? size_.height : size_.height / 2;
    for (int y = 0; y < height; ++y, from += width) {
      uint8_t* const row = planes[plane].Row(flips.vertical ? height - 1 - y : y);
      CopyRow(from, width, flips.horizontal, row);
    }
  }
  PaintStampBand(stamp_, size_, sequence, captured, planes);
  PaintFooter(footer_, sequence, captured, planes);
}

}  // namespace pistream::sim
