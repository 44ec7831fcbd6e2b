#include "src/base/thread_name.h"

#include <pthread.h>

#include <array>

namespace pistream {
namespace {

constexpr size_t kNameSize = 16;  // with the final NUL: pthread_setname_np(3)

}  // namespace

void SetThreadName(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, kNameSize - 1).c_str());
}

std::string ThreadName() {
  std::array<char, kNameSize> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

}  // namespace pistream
