// The composition root: the only place that knows concrete cameras and encoders.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/app/certificates.h"
#include "src/app/command_line.h"
#include "src/app/config.h"
#include "src/app/reload.h"
#include "src/auth/authenticator.h"
#include "src/auth/tokens.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/metrics/metrics.h"
#include "src/server/server.h"
#include "src/stream/camera_stream.h"
#include "src/stream/stream_registry.h"

namespace pistream {

// The streams of a configuration and the server that shows them. One thread makes all calls.
class Application {
 public:
  explicit Application(Config config, Clock& clock = Clock::Real());
  ~Application();  // stops
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // Starts the streams, then serves. Of several streams, one whose camera cannot be opened is
  // opened later; at least one must be there. Once; after an error, this is of no more use.
  Result<void> Start();

  // Becomes what would run if it had been started with `wanted`: what differs restarts, viewers of
  // all else stay connected. The tokens are read again. After an error nothing has changed, unless
  // it is not serving any more: another program has taken a port meanwhile.
  Result<void> Reload(const Config& wanted);
  bool is_serving() const { return server_ && server_->is_listening(); }

  // Viewers get a close frame. Harmless when stopped.
  void Stop();

  // Valid while it serves.
  const Server& server() const { return *server_; }

 private:
  using Sources = std::map<std::string, std::unique_ptr<CameraSource>>;

  Result<Sources> MakeSources(const std::vector<StreamConfig>& streams) const;
  Result<void> ReloadAccess(const ReloadPlan& plan, const Config& wanted);
  Result<void> ReloadListener(const ReloadPlan& plan, const Config& wanted);
  Result<std::unique_ptr<Server>> BindServer(const Config& config);
  std::unique_ptr<Transport> MakeTransport(Socket socket) const;
  std::shared_ptr<CameraStream> MakeStream(const StreamConfig& stream,
                                           std::unique_ptr<CameraSource> source);
  void Remove(const std::string& name);
  void Add(const StreamConfig& stream, std::unique_ptr<CameraSource> source);
  void Publish(const std::vector<std::string>& order);

  Clock& clock_;
  Config config_;
  Metrics metrics_;
  StreamRegistry registry_;
  std::optional<Tokens> tokens_;                  // nothing: everybody may do everything
  std::unique_ptr<Authenticator> authenticator_;  // from Start() on; the server uses it
  Certificates certificates_{metrics_, clock_};   // the server uses it, too
  std::map<std::string, std::shared_ptr<CameraStream>> streams_;
  std::unique_ptr<Server> server_;
};

// Serves the streams of `config`, which `command_line` describes, until SIGINT or SIGTERM; prints
// the ready line once all sockets are bound. To be called on the main thread before any other
// thread is started.
Result<void> Serve(const CommandLine& command_line, const Config& config);

}  // namespace pistream
