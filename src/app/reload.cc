#include "src/app/reload.h"

#include <algorithm>

#include "fmt/ranges.h"

namespace pistream {
namespace {

const StreamConfig* FindStream(const Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.streams, name, &StreamConfig::name);
  return found == config.streams.end() ? nullptr : &*found;
}

ReloadPlan::Listener PlanListener(const ListenerConfig& running, const ListenerConfig& wanted) {
  if (running.threads != wanted.threads) {
    return ReloadPlan::Listener::kThreads;
  }
  if (running.address != wanted.address || running.port != wanted.port ||
      running.ws_port != wanted.ws_port) {
    return ReloadPlan::Listener::kSockets;
  }
  return running == wanted ? ReloadPlan::Listener::kUnchanged : ReloadPlan::Listener::kNewRequests;
}

void PlanStream(const StreamConfig* running, const StreamConfig& wanted, ReloadPlan& plan) {
  if (running == nullptr) {
    plan.add.push_back(wanted);
  } else if (*running == wanted) {
    return;
  } else if (running->source == wanted.source && running->camera == wanted.camera) {
    plan.restart_encoder.push_back(wanted);
  } else {
    plan.restart_camera.push_back(wanted);
  }
}

// The streams of `config` that `other` has too.
std::vector<std::string> NamesAlsoIn(const Config& config, const Config& other) {
  std::vector<std::string> names;
  for (const StreamConfig& stream : config.streams) {
    if (FindStream(other, stream.name) != nullptr) {
      names.push_back(stream.name);
    }
  }
  return names;
}

std::vector<std::string> NamesOf(const std::vector<StreamConfig>& streams) {
  std::vector<std::string> names;
  for (const StreamConfig& stream : streams) {
    names.push_back(stream.name);
  }
  return names;
}

void Describe(std::string_view what, const std::vector<std::string>& names,
              std::vector<std::string>& parts) {
  if (!names.empty()) {
    parts.push_back(fmt::format("{} {}", what, fmt::join(names, ", ")));
  }
}

}  // namespace

ReloadPlan Plan(const Config& running, const Config& wanted) {
  ReloadPlan plan;
  plan.listener = PlanListener(running.listener, wanted.listener);
  if (running.tls != wanted.tls) {
    plan.listener = std::max(plan.listener, ReloadPlan::Listener::kNewRequests);
  }
  for (const StreamConfig& stream : running.streams) {
    if (FindStream(wanted, stream.name) == nullptr) {
      plan.remove.push_back(stream.name);
    }
  }
  for (const StreamConfig& stream : wanted.streams) {
    PlanStream(FindStream(running, stream.name), stream, plan);
  }
  plan.order = NamesOf(wanted.streams);
  plan.is_reordered = running.streams.front().name != wanted.streams.front().name ||
                      NamesAlsoIn(running, wanted) != NamesAlsoIn(wanted, running);
  if (running.log_level != wanted.log_level) {
    plan.log_level = wanted.log_level;
  }
  return plan;
}

std::string ToString(const ReloadPlan& plan) {
  std::vector<std::string> parts;
  Describe("remove", plan.remove, parts);
  Describe("restart the camera of", NamesOf(plan.restart_camera), parts);
  Describe("restart the encoder of", NamesOf(plan.restart_encoder), parts);
  Describe("add", NamesOf(plan.add), parts);
  if (plan.is_reordered) {
    Describe("new order", plan.order, parts);
  }
  if (plan.listener == ReloadPlan::Listener::kNewRequests) {
    parts.emplace_back("web-root, allow-origin, host-name, trusted-proxy or tls changed");
  } else if (plan.listener == ReloadPlan::Listener::kSockets) {
    parts.emplace_back("listen on other ports");
  } else if (plan.listener == ReloadPlan::Listener::kThreads) {
    parts.emplace_back("restart the network threads, viewers reconnect");
  }
  if (plan.log_level) {
    parts.emplace_back("change the log level");
  }
  if (!plan.access.empty()) {
    parts.push_back(plan.access);
  }
  return parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace pistream
