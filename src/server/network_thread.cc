#include "src/server/network_thread.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "src/auth/failure_limit.h"
#include "src/base/log.h"
#include "src/base/thread_name.h"
#include "src/viewer/viewer_end.h"

namespace pistream {

namespace asio = boost::asio;

namespace {

// Everything the sweep looks at is given seconds, but a line that has become thin: that should be
// known before much is late.
constexpr std::chrono::milliseconds kSweepInterval(250);

// Connections that are no viewers take up to 80 KB each, before anybody has logged in. A browser
// has up to six, for ten seconds.
constexpr size_t kMaximumSessions = 1024;
constexpr int kMaximumSessionsOfGroup = 256;

// How long a stop waits for viewers to close: 0.3 s.
constexpr std::chrono::milliseconds kCloseHandshakeInterval(10);
constexpr int kCloseHandshakePolls = 30;

}  // namespace

NetworkThread::NetworkThread(const std::string& name, const NetworkContext& context)
    : name_(name),
      context_(context),
      viewer_environment_{
          .metrics = context.metrics,
          .clock = context.clock,
          .stall_limit = context.stall_limit,
          .viewers = ThreadViewersGauge(context.metrics, name),
          .stall_lines = RateLimit(context.clock),
          .protocol_lines = RateLimit(context.clock),
          .viewers_of = [this](const auto& stream, VideoScale scale) -> TrackViewers& {
            return ViewersOf(stream, scale);
          },
          .watch_line = [this](const auto& viewer) { WatchLine(viewer); }},
      http_environment_{.io = io_,
                        .routes = nullptr,
                        .metrics = context.http_metrics,
                        .clock = context.clock,
                        .owner = *this,
                        .warnings = RateLimit(context.clock)},
      refusals_(context.clock),
      move_faults_(context.clock) {}

NetworkThread::~NetworkThread() {
  RequestStop();
  Join();
  CloseAll();  // of what came when the thread was over, or was never started
}

void NetworkThread::Start(const Routes& routes) {
  http_environment_.routes = &routes;
  AwaitSweep();
  thread_ = std::thread([this] { Run(); });
}

void NetworkThread::SetRoutes(const Routes& routes) {
  asio::post(io_, [this, &routes] { http_environment_.routes = &routes; });
}

void NetworkThread::Run() {
  SetThreadName(name_);
  const auto work = asio::make_work_guard(io_);
  io_.run();
}

void NetworkThread::EndStrangers() {
  asio::post(io_, [this] {
    ForEachViewer([valid = valid_credentials()](ViewerSession& viewer) {
      if (!valid.Include(viewer.credential())) {
        viewer.End(ViewerEnd::kSessionEnded);
      }
    });
  });
}

ValidCredentials NetworkThread::valid_credentials() const {
  return context_.authenticator != nullptr ? context_.authenticator->valid_credentials()
                                           : ValidCredentials();
}

void NetworkThread::RequestStop() {
  asio::post(io_, [this] { BeginStop(); });
}

void NetworkThread::BeginStop() {
  is_stopping_ = true;
  ForEachViewer([](ViewerSession& viewer) { viewer.End(ViewerEnd::kServerStops); });
  AwaitCloseHandshakes(kCloseHandshakePolls);
}

// Clients answer the close frame and hang up. One that finds the connection gone before it could
// answer may call it broken, and not closed.
void NetworkThread::AwaitCloseHandshakes(int polls) {
  if (polls == 0 || !HasViewers()) {
    CloseAll();
    io_.stop();
    return;
  }
  sweep_timer_.expires_after(kCloseHandshakeInterval);  // ends sweeping
  sweep_timer_.async_wait(
      [this, polls](const boost::system::error_code&) { AwaitCloseHandshakes(polls - 1); });
}

void NetworkThread::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void NetworkThread::Adopt(std::unique_ptr<Transport> transport, bool is_classic_port) {
  const std::string address = transport->PeerAddress();
  std::string group =
      http_environment_.routes->IsTrustedProxy(address) ? "" : AddressGroup(address);
  if (!HasRoomFor(group)) {
    if (const auto events = refusals_.Pass()) {
      log::Warning("refused {} connection(s), the last from {}: too many that are no viewers",
                   *events, address);
    }
    return;
  }
  const auto session =
      std::make_shared<HttpSession>(std::move(transport), is_classic_port, http_environment_);
  ++sessions_of_[group];
  http_sessions_.emplace(session, std::move(group));
  session->Start();
}

bool NetworkThread::HasRoomFor(const std::string& group) const {
  const auto others = sessions_of_.find(group);
  return group.empty() ||
         (http_sessions_.size() < kMaximumSessions &&
          (others == sessions_of_.end() || others->second < kMaximumSessionsOfGroup));
}

void NetworkThread::BecomeViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                                 const std::string& early) {
  const std::shared_ptr<Stream> stream = context_.streams.Find(upgrade.stream);
  if (!stream) {
    return;  // removed meanwhile
  }
  NetworkThread& home = context_.choose_home(*this);
  // One that stops may have run its last handler: here there is a close frame for the viewer at
  // least.
  if (&home == this || home.is_stopping_) {
    viewer_environment_.viewers.Increment();
    return StartViewer(std::move(transport), upgrade, stream, early);
  }
  if (transport->MoveTo(home.io_)) {
    home.viewer_environment_.viewers.Increment();
    asio::post(home.io_, [&home, upgrade, stream, early, moving = std::move(transport)]() mutable {
      home.StartViewer(std::move(moving), upgrade, stream, early);
    });
  } else if (const auto events = move_faults_.Pass()) {
    log::Warning("rejected {} viewer(s): the system cannot watch more sockets", *events);
  }
}

void NetworkThread::StartViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                                const std::shared_ptr<Stream>& stream, const std::string& early) {
  if (!valid_credentials().Include(upgrade.credential)) {
    viewer_environment_.viewers.Decrement();
    return;  // ended on the way here
  }
  const auto viewer = std::make_shared<ViewerSession>(std::move(transport), upgrade.protocol,
                                                      ViewersOf(stream, VideoScale::kFull),
                                                      upgrade.mailbox, upgrade.credential);
  viewer->Start(early);
  if (upgrade.mailbox) {
    upgrade.mailbox->Open(io_, viewer);
  }
}

TrackViewers& NetworkThread::ViewersOf(const std::shared_ptr<Stream>& stream, VideoScale scale) {
  auto& viewers = viewers_[stream->video(scale).get()];
  if (!viewers) {
    TrackSubscriber& woken = *this;
    viewers = std::make_unique<TrackViewers>(stream, scale, woken, viewer_environment_);
  }
  return *viewers;
}

void NetworkThread::WatchLine(const std::shared_ptr<ViewerSession>& viewer) {
  if (watched_lines_.empty()) {
    AwaitLineSample();
  }
  watched_lines_.push_back(viewer);
}

void NetworkThread::AwaitLineSample() {
  line_timer_.expires_after(ViewerLine::kSampleInterval);
  line_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      SampleLines();
    }
  });
}

void NetworkThread::SampleLines() {
  const SteadyTime now = context_.clock.Now();
  std::vector<std::weak_ptr<ViewerSession>> watched = std::exchange(watched_lines_, {});
  std::erase_if(watched, [&](const std::weak_ptr<ViewerSession>& one) {
    const auto viewer = one.lock();
    return !viewer || !viewer->SampleLine(now);
  });
  // Others may have come meanwhile, and have started the timer.
  watched.insert(watched.end(), watched_lines_.begin(), watched_lines_.end());
  watched_lines_ = std::move(watched);
  if (!watched_lines_.empty()) {
    AwaitLineSample();
  }
}

template <typename Visit>
void NetworkThread::ForEachViewer(Visit visit) {
  for (const auto& [track, viewers] : viewers_) {
    viewers->table().ForEach(visit);
  }
}

bool NetworkThread::HasViewers() const {
  return std::ranges::any_of(viewers_,
                             [](const auto& of) { return of.second->table().size() > 0; });
}

void NetworkThread::RemoveUnused() {
  std::erase_if(viewers_, [](const auto& of) { return of.second->table().size() == 0; });
}

void NetworkThread::Forget(const std::shared_ptr<HttpSession>& session) {
  const auto found = http_sessions_.find(session);
  if (found == http_sessions_.end()) {
    return;
  }
  if (const auto group = sessions_of_.find(found->second); --group->second == 0) {
    sessions_of_.erase(group);
  }
  http_sessions_.erase(found);
}

void NetworkThread::OnPicturesReady() noexcept { pictures_ready_.Notify(); }

void NetworkThread::TakePictures() {
  for (const auto& [track, viewers] : viewers_) {
    viewers->TakePictures();
  }
}

void NetworkThread::AwaitSweep() {
  sweep_timer_.expires_after(kSweepInterval);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      Sweep();
      AwaitSweep();
    }
  });
}

void NetworkThread::Sweep() {
  const SteadyTime now = context_.clock.Now();
  for (const auto& [track, viewers] : viewers_) {
    viewers->Sweep(now);
  }
  RemoveUnused();
  std::vector<std::shared_ptr<HttpSession>> sessions;
  for (const auto& [session, group] : http_sessions_) {
    sessions.push_back(session);
  }
  for (const auto& session : sessions) {
    session->Sweep(now);
  }
}

void NetworkThread::CloseAll() {
  ForEachViewer([](ViewerSession& viewer) { viewer.Shutdown(); });
  RemoveUnused();
  for (const auto& [session, group] : http_sessions_) {
    session->Close();
  }
  http_sessions_.clear();
  sessions_of_.clear();
}

}  // namespace pistream
