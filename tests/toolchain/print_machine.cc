// Prints the architecture that this program was compiled for.

#include <cstdio>

int main() {
#if defined(__aarch64__)
  return std::puts("aarch64") < 0;
#else
  return std::puts("another") < 0;
#endif
}
