// Where pistream keeps what has to survive a restart.
#pragma once

#include <filesystem>

namespace pistream {

// systemd's (StateDirectory=); empty: this is not a service that has one.
std::filesystem::path ServiceStateDirectory();

// The same, or that of the user (XDG Base Directory Specification); empty: there is neither.
std::filesystem::path StateDirectory();

}  // namespace pistream
