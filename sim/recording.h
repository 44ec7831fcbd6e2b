// A recording that a simulated camera shows: a YUV4MPEG2 file ("y4m", as written by
// `ffmpeg -pix_fmt yuv420p out.y4m`), 8 bits, 4:2:0, not interlaced.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/painter.h"
#include "sim/planes.h"
#include "src/base/result.h"
#include "src/media/video_format.h"

namespace pistream::sim {

class Recording final : public Painter {
 public:
  // The file is kept in memory; larger ones are rejected.
  static constexpr size_t kMaximumBytes = size_t{1} << 30;

  // Fails, with the file's name, if it cannot be read or is not such a recording.
  static Result<std::shared_ptr<const Recording>> Read(const std::filesystem::path& path);

  // The same for the contents of a file; errors refer to it as `name`.
  static Result<std::shared_ptr<const Recording>> Parse(std::string contents,
                                                        std::string_view name);

  Size size() const { return size_; }
  size_t pictures() const { return offsets_.size(); }

  // Frame n shows picture n modulo pictures(), at the camera's frame rate, with the stamp and the
  // clock of the test picture (sim/overlay.h).
  void Paint(uint64_t sequence, SteadyTime captured, Flips flips,
             const MutablePlanes& planes) const override;

 private:
  Recording() = default;

  Size size_;
  Rect stamp_;
  Rect footer_;
  std::string contents_;
  std::vector<size_t> offsets_;  // of each picture in contents_
};

}  // namespace pistream::sim
