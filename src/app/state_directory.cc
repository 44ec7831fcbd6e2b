#include "src/app/state_directory.h"

#include <cstdlib>
#include <string_view>

namespace pistream {
namespace {

// The first of the directories that a variable names.
std::filesystem::path FromEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  const std::string_view all = value == nullptr ? "" : value;
  return all.substr(0, all.find(':'));
}

}  // namespace

std::filesystem::path ServiceStateDirectory() { return FromEnvironment("STATE_DIRECTORY"); }

std::filesystem::path StateDirectory() {
  if (auto directory = ServiceStateDirectory(); !directory.empty()) {
    return directory;
  }
  if (const auto state = FromEnvironment("XDG_STATE_HOME"); !state.empty()) {
    return state / "pistream";
  }
  const auto home = FromEnvironment("HOME");
  return home.empty() ? home : home / ".local/state/pistream";
}

}  // namespace pistream
