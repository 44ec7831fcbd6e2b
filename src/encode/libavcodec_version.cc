#include "src/encode/libavcodec_version.h"

#include "fmt/format.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace pistream {

std::string LibavcodecVersion() {
  const unsigned version = avcodec_version();
  return fmt::format("{}.{}.{}", AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
                     AV_VERSION_MICRO(version));
}

}  // namespace pistream
