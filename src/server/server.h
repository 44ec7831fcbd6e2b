// HTTP and WebSocket for browsers: the page, the stream, metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/http/asset.h"
#include "src/media/video_format.h"
#include "src/metrics/metrics.h"
#include "src/stream/broadcaster.h"
#include "src/stream/demand.h"

namespace pistream {

struct ServerConfig {
  std::string address = "127.0.0.1";
  uint16_t port = 8082;                    // 0: any free one
  std::optional<uint16_t> ws_port = 8084;  // classic WebSockets at "/"; nothing: no such listener
  int threads = 1;
  // Files served before the embedded ones; empty: none.
  std::filesystem::path web_root = {};
  // Origins allowed besides the server's own host, as browsers write them: "http://example.org".
  std::vector<std::string> allowed_origins = {};
  // A viewer that takes no byte for this long is closed.
  Duration stall_limit = std::chrono::seconds(10);
};

// What a server works with; all outlive it.
struct ServerContext {
  std::span<const Asset> assets;
  Broadcaster& broadcaster;  // Bind adds one sink a thread; nothing is published after ~Server
  Demand& demand;
  Metrics& metrics;
  Clock& clock;
  // For /healthz: empty when frames are expected to come, else the reason. Any thread.
  std::function<std::optional<std::string>()> trouble;
};

// Owns its network threads, one io_context each; a viewer lives on one of them for life: on the one
// that had the fewest when it came.
class Server {
 public:
  // Binds all ports, without answering yet, so that a port in use is known first.
  static Result<std::unique_ptr<Server>> Bind(const ServerConfig& config,
                                              const ServerContext& context);
  virtual ~Server() = default;  // stops

  // Starts the threads. `format` is told to viewers until the first picture says otherwise. Once.
  virtual void Serve(const VideoFormat& format) = 0;

  // Closes the listeners, sends every viewer a close frame (1001), and returns within a second
  // whatever the peers do. Harmless when stopped.
  virtual void Stop() = 0;

  virtual uint16_t port() const = 0;
  virtual std::optional<uint16_t> ws_port() const = 0;
};

}  // namespace pistream
