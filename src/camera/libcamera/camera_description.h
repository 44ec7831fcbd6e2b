// What distinguishes one camera from another, for people.
#pragma once

#include <string>

namespace pistream {

struct CameraDescription {
  std::string id;     // what --source libcamera:ID takes
  std::string model;  // "imx219"; empty if unknown
};

}  // namespace pistream
