// One thread, its io_context, and the connections that live on it.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "src/auth/authenticator.h"
#include "src/auth/credential.h"
#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/http/http_metrics.h"
#include "src/http/http_session.h"
#include "src/http/routes.h"
#include "src/metrics/metrics.h"
#include "src/net/handler_memory.h"
#include "src/net/wake_up.h"
#include "src/stream/stream.h"
#include "src/stream/stream_registry.h"
#include "src/stream/track.h"
#include "src/viewer/track_viewers.h"
#include "src/viewer/viewer_environment.h"
#include "src/viewer/viewer_session.h"

namespace pistream {

class NetworkThread;

// What network threads share; outlives them.
struct NetworkContext {
  const StreamRegistry& streams;
  Metrics& metrics;
  HttpMetrics& http_metrics;
  const Authenticator* authenticator;  // null: everybody may do everything
  Clock& clock;
  Duration stall_limit;
  // Of all threads the one where a new viewer is to live, of a connection that is on `present`,
  // whose thread calls it.
  std::function<NetworkThread&(NetworkThread& present)> choose_home;
};

class NetworkThread final : private TrackSubscriber, private HttpSessionOwner {
 public:
  // `name` is the thread's.
  NetworkThread(const std::string& name, const NetworkContext& context);
  ~NetworkThread() override;  // stops
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;

  boost::asio::io_context& io() { return io_; }

  // Starts the thread. `routes` outlives it. Once.
  void Start(const Routes& routes);

  // Any thread: requests from now on are routed by `routes`, which outlives the thread.
  void SetRoutes(const Routes& routes);

  // Any thread: ends the viewers that were let in by what does not count any more.
  void EndStrangers();

  // Any thread: every viewer whose socket takes it gets a close frame and a moment to hang up, then
  // every connection is closed and the thread ends. RequestStop returns at once, Join when it is
  // done: well within a second.
  void RequestStop();
  void Join();

  // How many live here, or are on their way. Any thread.
  int viewers() const { return static_cast<int>(viewer_environment_.viewers.Value()); }

  // A new connection, made with io(). On this thread only. Closes it if there are too many that are
  // no viewers.
  void Adopt(std::unique_ptr<Transport> transport, bool is_classic_port);

 private:
  void BecomeViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                    const std::string& early) override;
  void StartViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                   const std::shared_ptr<Stream>& stream, const std::string& early);
  void Forget(const std::shared_ptr<HttpSession>& session) override;
  bool HasRoomFor(const std::string& group) const;
  ValidCredentials valid_credentials() const;

  void Run();
  // On the producers' threads.
  void OnPicturesReady() noexcept override;

  TrackViewers& ViewersOf(const std::shared_ptr<Stream>& stream, VideoScale scale);
  void WatchLine(const std::shared_ptr<ViewerSession>& viewer);
  void AwaitLineSample();
  void SampleLines();
  template <typename Visit>
  void ForEachViewer(Visit visit);
  bool HasViewers() const;
  void RemoveUnused();
  void TakePictures();
  void AwaitSweep();
  void Sweep();
  void BeginStop();
  void AwaitCloseHandshakes(int polls);
  void CloseAll();

  const std::string name_;
  NetworkContext context_;
  HandlerMemory wake_memory_;
  ViewerEnvironment viewer_environment_;
  // Of the streams that have viewers here. By the track: a stream may be replaced by another of its
  // name.
  std::map<const Track*, std::unique_ptr<TrackViewers>> viewers_;
  HttpEnvironment http_environment_;
  // Each with the group of its client's address; empty: of a trusted proxy.
  std::unordered_map<std::shared_ptr<HttpSession>, std::string> http_sessions_;
  std::unordered_map<std::string, int> sessions_of_;  // a group; those that have any
  RateLimit refusals_;
  RateLimit move_faults_;
  std::atomic<bool> is_stopping_ = false;
  std::vector<std::weak_ptr<ViewerSession>> watched_lines_;

  // Declared after what its handlers use: its destructor destroys those that have not run.
  boost::asio::io_context io_{1};
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;
  Timer sweep_timer_{io_};
  Timer line_timer_{io_};  // runs while there are watched_lines_
  WakeUp pictures_ready_{io_, wake_memory_, [this] { TakePictures(); }};
  std::thread thread_;
};

}  // namespace pistream
