// What was negotiated with a camera.
#pragma once

#include <memory>

#include "src/base/clock.h"
#include "src/media/pixel_layout.h"
#include "src/media/video_format.h"

namespace libcamera {
class Camera;  // NOLINT(cppcoreguidelines-virtual-class-destructor): not ours
class Stream;
}  // namespace libcamera

namespace pistream {

struct LibcameraStream {
  std::shared_ptr<libcamera::Camera> device;  // acquired and configured
  libcamera::Stream* stream = nullptr;
  Size size;
  PixelLayout layout = PixelLayout::kI420;
  ColorSpace color_space;
  int stride = 0;  // bytes a row of the first plane
  Duration frame_time{0};
  bool throttle = false;  // from the start (camera_pacer.h)
};

}  // namespace pistream
