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

#include "src/auth/authenticator.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/http/address_range.h"
#include "src/http/asset.h"
#include "src/metrics/metrics.h"
#include "src/net/listener.h"
#include "src/stream/stream_registry.h"

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
  // Names of the server besides the machine's own, in lower case.
  std::vector<std::string> host_names = {};
  // Proxies whose X-Forwarded-* headers are believed.
  std::vector<AddressRange> trusted_proxies = {};
  // Who does not use TLS is told to.
  bool redirects_to_tls = false;
  // A viewer that takes no byte for this long is closed.
  Duration stall_limit = std::chrono::seconds(10);
};

// What a server works with; all outlive it.
struct ServerContext {
  std::span<const Asset> assets;
  const StreamRegistry& streams;
  Metrics& metrics;
  Clock& clock;
  Authenticator* authenticator = nullptr;  // null: everybody may do everything
  // Of each connection; null: plain TCP. Called on the first network thread.
  Listener::MakeTransport make_transport = nullptr;
};

// Owns its network threads, one io_context each; a viewer lives on one of them for life: on the one
// that had the fewest when it came.
class Server {
 public:
  // Binds all ports, without responding yet, so that a port in use is known first.
  static Result<std::unique_ptr<Server>> Bind(const ServerConfig& config,
                                              const ServerContext& context);
  virtual ~Server() = default;  // stops

  // Starts the threads. Once.
  virtual void Serve() = 0;

  // Listens and responds as `config` says from now on; viewers stay connected, and so do listeners
  // whose address and port stay. After an error it goes on as before, unless another program has
  // taken a port meanwhile: then it is not listening any more. Precondition: listening, with as
  // many threads as `config` says. Called by one thread at a time, none of the server's.
  virtual Result<void> Reconfigure(const ServerConfig& config) = 0;
  virtual bool is_listening() const = 0;

  // Disconnects the viewers that were let in by what does not count any more, such as tokens of
  // before. Any thread, and in its own time.
  virtual void EndStrangers() = 0;

  // Closes the listeners, sends every viewer a close frame (1001), and returns within a second
  // whatever the peers do. Harmless when stopped.
  virtual void Stop() = 0;

  // Of the listeners, while it is listening.
  virtual uint16_t port() const = 0;
  virtual std::optional<uint16_t> ws_port() const = 0;
};

}  // namespace pistream
