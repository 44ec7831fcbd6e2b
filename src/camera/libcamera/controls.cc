#include "src/camera/libcamera/controls.h"

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "fmt/format.h"

namespace pistream {
namespace {

using libcamera::ControlValue;

// Nothing for what is more than a number.
std::optional<double> ToNumber(const ControlValue& value) {
  if (value.isArray()) {
    return std::nullopt;
  }
  switch (value.type()) {
    case libcamera::ControlTypeBool:
      return value.get<bool>();
    case libcamera::ControlTypeInteger32:
      return value.get<int32_t>();
    case libcamera::ControlTypeInteger64:
      return static_cast<double>(value.get<int64_t>());
    case libcamera::ControlTypeFloat:
      return value.get<float>();
    default:
      return std::nullopt;
  }
}

// 0.1 is less than the float nearest to it, which may be a limit.
double NearestFloat(double number) {
  constexpr auto kLargest = static_cast<double>(std::numeric_limits<float>::max());
  return std::abs(number) <= kLargest ? static_cast<double>(static_cast<float>(number)) : number;
}

// Of the same type as `like`, which is a number.
ControlValue ToValue(double number, const ControlValue& like) {
  switch (like.type()) {
    case libcamera::ControlTypeBool:
      return {number != 0};
    case libcamera::ControlTypeInteger32:
      return {static_cast<int32_t>(std::lround(number))};
    case libcamera::ControlTypeInteger64:
      return {static_cast<int64_t>(std::llround(number))};
    default:
      return {static_cast<float>(number)};
  }
}

using Offers = std::map<std::string, std::pair<unsigned, libcamera::ControlInfo>>;

// Controls that are set to one number: by name, their IDs and limits.
Offers NumbersAmong(const libcamera::ControlInfoMap& offered) {
  Offers numbers;
  for (const auto& [id, info] : offered) {
    // The limits of an array are those of each of its numbers.
    const bool is_number = !id->isArray() && info.min().type() == id->type();
    if (is_number && ToNumber(info.min()) && ToNumber(info.max())) {
      numbers.insert({id->name(), {id->id(), info}});
    }
  }
  return numbers;
}

Error NoSuchControl(const std::string& name, const Offers& offers) {
  std::vector<std::string> names;
  for (const auto& [offered, unused] : offers) {
    names.push_back(offered);
  }
  return {.message = fmt::format("the camera has no control '{}' that takes a number, only: {}",
                                 name, fmt::join(names, ", ")),
          .is_bad_usage = true};
}

Result<void> SetRequested(const std::map<std::string, double>& requested, const Offers& offers,
                          libcamera::ControlList& controls) {
  for (const auto& [name, number] : requested) {
    const auto found = offers.find(name);
    if (found == offers.end()) {
      return tl::unexpected(NoSuchControl(name, offers));
    }
    const auto& [id, info] = found->second;
    const double low = *ToNumber(info.min());
    const double high = *ToNumber(info.max());
    const bool is_float = info.min().type() == libcamera::ControlTypeFloat;
    const double settable = is_float ? NearestFloat(number) : number;
    if (std::isnan(number) || settable < low || settable > high) {
      return FailUsage("the camera's control '{}' takes {:g} to {:g}, not {:g}", name, low, high,
                       number);
    }
    if (!is_float && number != std::trunc(number)) {
      return FailUsage("the camera's control '{}' takes whole numbers, not {:g}", name, number);
    }
    controls.set(id, ToValue(settable, info.min()));
  }
  return {};
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
  // Pipelines differ in the type they give the limits.
  const auto microseconds = [](const ControlValue& limit) {
    return static_cast<int64_t>(ToNumber(limit).value_or(0));
  };
  return FrameTimeLimits{microseconds(found->second.min()), microseconds(found->second.max())};
}

Result<libcamera::ControlList> StartControls(const libcamera::ControlInfoMap& offered,
                                             const FrameTimeChoice& time,
                                             const std::map<std::string, double>& requested) {
  libcamera::ControlList controls(offered);
  if (FrameTimeLimitsOf(offered)) {
    controls.set(libcamera::controls::FrameDurationLimits,
                 libcamera::Span<const int64_t, 2>({time.microseconds, time.microseconds}));
  }
  if (FocusesContinuously(offered)) {
    controls.set(libcamera::controls::AfMode,
                 static_cast<int32_t>(libcamera::controls::AfModeContinuous));
  }
  return SetRequested(requested, NumbersAmong(offered), controls).map([&] { return controls; });
}

}  // namespace pistream
