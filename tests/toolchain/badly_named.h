// What clang-tidy must find fault with, here and in badly_named.cc.
#pragma once

namespace pistream {

struct lower_case_in_header {};

}  // namespace pistream
