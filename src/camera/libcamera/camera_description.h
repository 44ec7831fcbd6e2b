// What a person needs to tell one camera from another.
#pragma once

#include <string>

namespace pistream {

struct CameraDescription {
  std::string id;     // what --source libcamera:ID takes
  std::string model;  // "imx219"; empty if the camera does not tell
};

}  // namespace pistream
