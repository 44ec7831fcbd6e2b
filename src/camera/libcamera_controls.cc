#include "src/camera/libcamera_controls.h"

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>

#include <algorithm>

namespace pistream {
namespace {

int64_t ToInt64(const libcamera::ControlValue& value) {
  // Pipelines differ in the type they give the limits.
  return value.type() == libcamera::ControlTypeInteger64 && !value.isArray() ? value.get<int64_t>()
         : value.type() == libcamera::ControlTypeInteger32 && !value.isArray()
             ? value.get<int32_t>()
             : 0;
}

bool FocusesContinuously(const libcamera::ControlInfoMap& offered) {
  const auto modes = offered.find(&libcamera::controls::AfMode);
  return modes != offered.end() &&
         std::ranges::count(
             modes->second.values(),
             libcamera::ControlValue(int32_t{libcamera::controls::AfModeContinuous})) > 0;
}

}  // namespace

std::optional<FrameTimeLimits> FrameTimeLimitsOf(const libcamera::ControlInfoMap& offered) {
  const auto found = offered.find(&libcamera::controls::FrameDurationLimits);
  if (found == offered.end()) {
    return std::nullopt;
  }
  return FrameTimeLimits{ToInt64(found->second.min()), ToInt64(found->second.max())};
}

libcamera::ControlList StartControls(const libcamera::ControlInfoMap& offered,
                                     const FrameTimeChoice& time) {
  libcamera::ControlList controls(offered);
  if (FrameTimeLimitsOf(offered)) {
    controls.set(libcamera::controls::FrameDurationLimits,
                 libcamera::Span<const int64_t, 2>({time.microseconds, time.microseconds}));
  }
  if (FocusesContinuously(offered)) {
    controls.set(libcamera::controls::AfMode,
                 static_cast<int32_t>(libcamera::controls::AfModeContinuous));
  }
  return controls;
}

}  // namespace pistream
