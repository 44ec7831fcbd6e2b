// What has to happen so that a running program becomes one that was started with another Config.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/app/config.h"
#include "src/base/log.h"

namespace pistream {

// Streams are the same when they have the same name: one that is renamed is removed, and added
// under its new name.
struct ReloadPlan {
  // Each includes what those before it do.
  enum class Listener {
    kUnchanged,
    kNewRequests,  // web root, origins, names, proxies, TLS: for what comes from now on; viewers
                   // stay
    kSockets,      // address or ports: listen elsewhere; viewers stay
    kThreads,      // the number of network threads: all viewers have to connect again
  };
  Listener listener = Listener::kUnchanged;

  // To be applied in this order. First what is removed is stopped, because another stream may take
  // its camera over.
  std::vector<std::string> remove;
  std::vector<StreamConfig> restart_camera;   // another source, format, flip or control
  std::vector<StreamConfig> restart_encoder;  // only another bitrate or GOP; the camera runs on
  std::vector<StreamConfig> add;

  // The names of all streams afterwards; the first is the root's.
  std::vector<std::string> order;
  bool is_reordered = false;  // the streams that stay have another order, or the root's is new

  std::optional<log::Level> log_level;  // if it is another one

  // What has changed of who may watch, for the log; empty: nothing. Plan() leaves it empty: it is
  // known when the tokens are read.
  std::string access;

  bool operator==(const ReloadPlan&) const = default;
};

// Both are valid. Everything can change while the program runs, so there is always a plan. Within
// each list, streams have `wanted`'s order; removed ones `running`'s.
ReloadPlan Plan(const Config& running, const Config& wanted);

// For the log: "add garden; restart the camera of door; listen on other ports". "nothing" if it is
// empty.
std::string ToString(const ReloadPlan& plan);

}  // namespace pistream
