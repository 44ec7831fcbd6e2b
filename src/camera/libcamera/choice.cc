#include "src/camera/libcamera/choice.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fmt/format.h"

namespace pistream {

Result<size_t> ChooseCamera(std::span<const CameraDescription> present, std::string_view id) {
  if (present.empty()) {
    return Fail(
        "libcamera finds no camera{}: check its cable and that this user may use it (group video), "
        "or use --source simulated",
        id.empty() ? "" : fmt::format(", so not '{}' either", id));
  }
  if (id.empty()) {
    return 0;
  }
  const auto found = std::ranges::find(present, id, &CameraDescription::id);
  if (found != present.end()) {
    return static_cast<size_t>(found - present.begin());
  }
  std::vector<std::string> names;
  for (const CameraDescription& camera : present) {
    names.push_back(fmt::format("'{}'", camera.id));
  }
  return Fail("there is no camera '{}'; present: {}", id, fmt::join(names, ", "));
}

}  // namespace pistream
