// Ends the events of devices that have gone.
#pragma once

#include <sys/types.h>

#include <span>

namespace pistream {

// Puts something that never has an event in the place of each open file of these devices, in the
// whole process. A poll() of a video device that has gone returns at once (POLLERR), so that a
// thread of libcamera's that serves other cameras too would never sleep.
void SilenceDevices(std::span<const dev_t> devices);

}  // namespace pistream
