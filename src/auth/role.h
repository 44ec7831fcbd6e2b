// What a client may do.
#pragma once

#include <cstdint>
#include <string_view>

namespace pistream {

// In ascending order: each includes those before it.
enum class Role : uint8_t {
  kNone,     // a stranger: the page that asks to log in, whether the server is healthy
  kView,     // may watch
  kControl,  // may also change things, and see what concerns the server: metrics
};

constexpr bool Includes(Role role, Role needed) { return role >= needed; }

// For people and programs: "none", "view", "control".
constexpr std::string_view NameOf(Role role) {
  return role == Role::kControl ? "control" : role == Role::kView ? "view" : "none";
}

}  // namespace pistream
