// Recorded pictures for a simulated camera to look at: a YUV4MPEG2 file ("y4m", what
// `ffmpeg -pix_fmt yuv420p out.y4m` writes), 8 bits, 4:2:0, not interlaced.
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
  // The file is kept in memory; larger ones are refused.
  static constexpr size_t kMaximumBytes = size_t{1} << 30;

  // Fails, naming the file, if it cannot be read or is no such recording.
  static Result<std::shared_ptr<const Recording>> Read(const std::filesystem::path& path);

  // The same for a file's contents; `name` stands for the file in errors.
  static Result<std::shared_ptr<const Recording>> Parse(std::string contents,
                                                        std::string_view name);

  Size size() const { return size_; }
  size_t pictures() const { return offsets_.size(); }

  // Frame n shows picture n, from the first again after the last; the frame rate is the camera's.
  // Over it lie the stamp and the clock of the test picture (sim/overlay.h).
  void Paint(uint64_t sequence, SteadyTime captured, Flips flips,
             const MutablePlanes& planes) const override;

 private:
  Recording() = default;

  Size size_;
  Rect stamp_;
  Rect footer_;
  std::string contents_;
  std::vector<size_t> offsets_;  // in contents_, of each picture's first byte
};

}  // namespace pistream::sim
