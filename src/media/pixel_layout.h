// How a camera may lay out the pixels it delivers.
#pragma once

namespace pistream {

// Named by the order of the bytes in memory, not by libcamera's or V4L2's names: libcamera's RGB888
// is B, G, R in memory.
enum class PixelLayout { kI420, kYv12, kNv12, kNv21, kYuyv, kUyvy, kBgr24, kRgb24, kBgrx, kRgbx };

// What the samples of a YUV layout mean; for RGB layouts nothing (they are taken as full range).
struct SampleMeaning {
  bool full_range = false;
  bool bt709 = false;  // else BT.601

  bool operator==(const SampleMeaning&) const = default;
};

}  // namespace pistream
