// The composition root: the only place that knows concrete cameras and encoders.
#pragma once

#include "src/app/command_line.h"
#include "src/app/config.h"
#include "src/base/result.h"

namespace pistream {

// Serves the streams of `config`, which `command_line` describes, until SIGINT or SIGTERM; prints
// the ready line once all sockets are bound. To be called on the main thread before any other
// thread is started.
Result<void> Serve(const CommandLine& command_line, const Config& config);

}  // namespace pistream
