#include "tests/toolchain/badly_named.h"

#include <vector>

namespace pistream {

struct lower_case_in_source {
  std::vector<lower_case_in_header> headers;
};

}  // namespace pistream
