// The composition root: the only place that knows concrete cameras and encoders.
#pragma once

#include "src/app/options.h"
#include "src/base/result.h"

namespace pistream {

// Serves the stream until SIGINT or SIGTERM; prints the ready line when all is bound. To be called
// on the main thread before any other thread is started.
Result<void> Serve(const Options& options);

}  // namespace pistream
