// Network namespaces of this process, for the two ends of links.
//
// A thread is in one of them at a time; all functions are for a process with one thread.
#pragma once

#include <string>
#include <string_view>

#include "e2e/links/file_descriptor.h"
#include "src/base/result.h"

namespace pistream::links {

// Gives the process the rights for namespaces: as it is, or in a user namespace of its own. Fails
// where the system allows neither.
Result<void> GainNetworkRights();

// Creates a namespace with nothing but its loopback device, and enters it. Needs the rights.
Result<FileDescriptor> EnterNewNamespace();

Result<void> EnterNamespace(const FileDescriptor& network);

// The congestion control of TCP in the current namespace.
Result<std::string> ReadCongestionControl();

// Fails if the kernel does not have it, or does not allow it here.
Result<void> SetCongestionControl(const std::string& name);

// Permits a congestion control in all namespaces, as SetCongestionControl needs it; without effect
// where the process has no right to. For the namespace that the system started with.
void AllowCongestionControl(const std::string& name);

}  // namespace pistream::links
