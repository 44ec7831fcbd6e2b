#include "src/camera/libcamera/orientation.h"

#include <libcamera/orientation.h>
#include <libcamera/transform.h>

#include <string_view>

namespace pistream {
namespace {

using libcamera::Transform;

bool Includes(Transform transform, Transform part) { return (transform & part) == part; }

std::string_view OptionsFor(Transform missing) {
  if (Includes(missing, Transform::HVFlip)) {
    return "hflip and vflip";
  }
  return Includes(missing, Transform::HFlip) ? "hflip" : "vflip";
}

}  // namespace

libcamera::Orientation Flipped(libcamera::Orientation upright, bool hflip, bool vflip) {
  Transform transform = Transform::Identity;
  if (hflip) {
    transform ^= Transform::HFlip;
  }
  if (vflip) {
    transform ^= Transform::VFlip;
  }
  return upright * transform;
}

Result<void> CheckOrientation(libcamera::Orientation requested, libcamera::Orientation delivered) {
  if (requested == delivered) {
    return {};
  }
  return FailUsage(
      "the camera does not support {}: leave that out, and turn the camera itself instead",
      OptionsFor(requested / delivered));
}

}  // namespace pistream
