// One thread, its io_context, and the connections that live on it.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/http/http_session.h"
#include "src/http/routes.h"
#include "src/metrics/metrics.h"
#include "src/net/handler_memory.h"
#include "src/net/transport.h"
#include "src/server/picture_inbox.h"
#include "src/stream/broadcaster.h"
#include "src/stream/demand.h"
#include "src/stream/gop_cache.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/viewer_session.h"

namespace pistream {

class NetworkThread;

// What network threads share; outlives them.
struct NetworkContext {
  Demand& demand;
  Metrics& metrics;
  Clock& clock;
  Duration stall_limit;
  // Of all threads the one where a new viewer is to live, of a connection that is on `present`,
  // whose thread calls it.
  std::function<NetworkThread&(NetworkThread& present)> choose_home;
};

class NetworkThread final : public BroadcastSink, private HttpSessionOwner {
 public:
  explicit NetworkThread(const NetworkContext& context);
  ~NetworkThread() override;  // stops
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;

  boost::asio::io_context& io() { return io_; }

  // Starts the thread. `routes` outlives it; `size` is told to viewers until the first picture says
  // otherwise. Once.
  void Start(const std::string& name, const Routes& routes, Size size);

  // Any thread: every viewer whose socket takes it gets a close frame and a moment to hang up, then
  // every connection is closed and the thread ends. RequestStop returns at once, Join when it is
  // done: well within a second.
  void RequestStop();
  void Join();

  // How many live here, or are on their way. Any thread.
  int viewers() const { return viewer_environment_.viewers.load(std::memory_order_relaxed); }

  // A new connection, which belongs to io(). On this thread only.
  void Adopt(std::unique_ptr<Transport> transport, bool is_classic_port);

  // The encoder's thread.
  void OnPicture(const PicturePtr& picture) noexcept override { Hand(picture); }
  void OnPause() noexcept override { Hand(nullptr); }

 private:
  // The next picture, on its way to all viewers that flow.
  struct Broadcast;
  // How it is sent by one StreamProtocol.
  struct Message {
    MessageHead head;
    std::vector<uint8_t> bytes;  // all of it, `head` in front
  };
  using Messages = std::array<Message, kStreamProtocols>;

  void BecomeViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                    const std::string& early) override;
  void StartViewer(std::unique_ptr<Transport> transport, StreamProtocol protocol,
                   const std::string& early);
  void Forget(const std::shared_ptr<HttpSession>& session) override;

  void Run(const std::string& name);
  void Hand(PicturePtr picture) noexcept;
  void TakePictures();
  void OnLost();
  void Send(const PicturePtr& picture);
  void SendTo(ViewerSlot& slot, Broadcast& broadcast);
  void AwaitSweep();
  void Sweep();
  void BeginStop();
  void AwaitFarewells(int patience);
  void CloseAll();

  NetworkContext context_;
  PictureInbox inbox_;
  PictureInbox::Batch batch_;  // what was taken from it last
  Messages messages_;          // of the last picture; their memory serves the next
  HandlerMemory wake_memory_;
  GopCache cache_;
  Size size_;
  ViewerEnvironment viewer_environment_;
  HttpEnvironment http_environment_;
  std::unordered_set<std::shared_ptr<HttpSession>> http_sessions_;
  RateLimit move_faults_;
  std::atomic<bool> is_stopping_ = false;

  // Below what its handlers use: it drops those that have not run when it dies.
  boost::asio::io_context io_{1};
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      sweep_timer_{io_};
  std::thread thread_;
};

}  // namespace pistream
