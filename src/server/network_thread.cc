#include "src/server/network_thread.h"

#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>
#include <vector>

#include "src/base/log.h"
#include "src/base/thread_name.h"

namespace pistream {

namespace asio = boost::asio;

namespace {

// Everything the sweep looks at is given seconds.
constexpr std::chrono::milliseconds kSweepInterval(250);

// How long a stop waits for viewers to hang up: 0.3 s.
constexpr std::chrono::milliseconds kFarewellInterval(10);
constexpr int kFarewells = 30;

template <typename Visit>
void ForEachSession(ViewerTable& table, Visit visit) {
  for (size_t i = 0; i < table.size();) {
    const std::shared_ptr<ViewerSession> session = table[i].session;
    visit(*session);
    if (i < table.size() && table[i].session == session) {  // else another has taken its place
      ++i;
    }
  }
}

}  // namespace

struct NetworkThread::Broadcast {
  Broadcast(const PicturePtr& of, SteadyTime time, Messages& into)
      : picture(of), now(time), messages(into) {
    for (Message& message : messages) {
      message.bytes.clear();
    }
  }
  ~Broadcast() = default;
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;

  // Made when the first viewer needs it. In one piece: a copy for all costs less than two pieces
  // for each (docs/decisions/0005).
  const Message& MessageOf(StreamProtocol protocol) {
    Message& message = messages[static_cast<size_t>(protocol)];
    if (message.bytes.empty()) {
      message.head = protocol == StreamProtocol::kV1 ? DescribedPictureHead(*picture, false, now)
                                                     : PlainPictureHead(*picture);
      message.bytes.reserve(message.head.size() + picture->bytes.size() +
                            ClassicTrailerMessage().size());
      const auto append = [&](std::span<const uint8_t> part) {
        message.bytes.insert(message.bytes.end(), part.begin(), part.end());
      };
      append(message.head.bytes());
      append(picture->bytes);
      if (protocol == StreamProtocol::kClassic) {
        append(ClassicTrailerMessage());
      }
    }
    return message;
  }

  const PicturePtr& picture;
  const SteadyTime now;
  Messages& messages;
  uint64_t sent_pictures = 0;
  uint64_t sent_bytes = 0;
};

NetworkThread::NetworkThread(const NetworkContext& context)
    : context_(context),
      viewer_environment_{.demand = context.demand,
                          .metrics = context.metrics,
                          .clock = context.clock,
                          .stall_limit = context.stall_limit,
                          .viewers = 0,
                          .table = {},
                          .stall_lines = RateLimit(context.clock),
                          .protocol_lines = RateLimit(context.clock)},
      http_environment_{.io = io_,
                        .routes = nullptr,
                        .metrics = context.metrics,
                        .clock = context.clock,
                        .owner = *this,
                        .warnings = RateLimit(context.clock)},
      move_faults_(context.clock) {
  batch_.pictures.reserve(PictureInbox::kCapacity);
}

NetworkThread::~NetworkThread() {
  RequestStop();
  Join();
  CloseAll();  // of what came when the thread was over, or was never started
}

void NetworkThread::Start(const std::string& name, const Routes& routes, Size size) {
  http_environment_.routes = &routes;
  size_ = size;
  AwaitSweep();
  thread_ = std::thread([this, name] { Run(name); });
}

void NetworkThread::Run(const std::string& name) {
  SetThreadName(name);
  const auto work = asio::make_work_guard(io_);
  io_.run();
}

void NetworkThread::RequestStop() {
  asio::post(io_, [this] { BeginStop(); });
}

void NetworkThread::BeginStop() {
  is_stopping_ = true;
  ForEachSession(viewer_environment_.table, [](ViewerSession& viewer) { viewer.SayGoodBye(); });
  AwaitFarewells(kFarewells);
}

// Clients answer the close frame and hang up. One that finds the connection gone before it could
// answer may call it broken, and not closed.
void NetworkThread::AwaitFarewells(int patience) {
  if (patience == 0 || viewer_environment_.table.size() == 0) {
    CloseAll();
    io_.stop();
    return;
  }
  sweep_timer_.expires_after(kFarewellInterval);  // ends sweeping
  sweep_timer_.async_wait(
      [this, patience](const boost::system::error_code&) { AwaitFarewells(patience - 1); });
}

void NetworkThread::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void NetworkThread::Adopt(std::unique_ptr<Transport> transport, bool is_classic_port) {
  const auto session =
      std::make_shared<HttpSession>(std::move(transport), is_classic_port, http_environment_);
  http_sessions_.insert(session);
  session->Start();
}

void NetworkThread::BecomeViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                                 const std::string& early) {
  const StreamProtocol protocol = upgrade.protocol;
  NetworkThread& home = context_.choose_home(*this);
  // One that stops may have run its last handler: here there is a close frame for the viewer at
  // least.
  if (&home == this || home.is_stopping_) {
    ++viewer_environment_.viewers;
    return StartViewer(std::move(transport), protocol, early);
  }
  if (transport->MoveTo(home.io_)) {
    ++home.viewer_environment_.viewers;
    asio::post(home.io_, [&home, protocol, early, moving = std::move(transport)]() mutable {
      home.StartViewer(std::move(moving), protocol, early);
    });
  } else if (const auto events = move_faults_.Pass()) {
    log::Warning("rejected {} viewer(s): the system cannot watch more sockets", *events);
  }
}

void NetworkThread::StartViewer(std::unique_ptr<Transport> transport, StreamProtocol protocol,
                                const std::string& early) {
  const auto viewer =
      std::make_shared<ViewerSession>(std::move(transport), protocol, viewer_environment_);
  viewer->Start(size_, cache_.pictures(), early);
}

void NetworkThread::Forget(const std::shared_ptr<HttpSession>& session) {
  http_sessions_.erase(session);
}

void NetworkThread::Hand(PicturePtr picture) noexcept {
  if (inbox_.Put(std::move(picture))) {
    // Only one is on its way at a time, so its memory is free.
    asio::post(io_, asio::bind_allocator(HandlerAllocator<std::byte>(wake_memory_),
                                         [this] { TakePictures(); }));
  }
}

void NetworkThread::TakePictures() {
  inbox_.Take(batch_);
  if (batch_.has_lost) {
    OnLost();
  }
  for (const PicturePtr& picture : batch_.pictures) {
    if (picture) {
      cache_.Add(picture);
      Send(picture);
    } else {
      cache_.Clear();
    }
  }
  batch_.pictures.clear();  // pictures go back to their pool
}

void NetworkThread::OnLost() {
  cache_.Clear();
  ForEachSession(viewer_environment_.table, [](ViewerSession& viewer) { viewer.OnPicturesLost(); });
  context_.metrics.keyframe_requests.Increment();
  context_.demand.RequestKeyframe();
}

// The hot path: nothing here or in SendTo locks or waits, or allocates but for the first pictures
// and for one that is larger than all before it.
void NetworkThread::Send(const PicturePtr& picture) {
  ViewerTable& table = viewer_environment_.table;
  const bool is_same_size = std::exchange(size_, picture->size) == picture->size;
  Broadcast broadcast(picture, context_.clock.Now(), messages_);
  if (is_same_size) {
    for (size_t i = 0; i < table.size();) {
      const ViewerSession* const session = table[i].session.get();
      SendTo(table[i], broadcast);
      if (i < table.size() && table[i].session.get() == session) {
        ++i;
      }
    }
  } else {
    ForEachSession(table, [&](ViewerSession& viewer) { viewer.OnPicture(picture, broadcast.now); });
  }
  context_.metrics.pictures_sent.Increment(static_cast<double>(broadcast.sent_pictures));
  context_.metrics.sent_bytes.Increment(static_cast<double>(broadcast.sent_bytes));
}

void NetworkThread::SendTo(ViewerSlot& slot, Broadcast& broadcast) {
  if (!slot.is_flowing) {
    const std::shared_ptr<ViewerSession> session = slot.session;  // it may leave the table
    return session->OnPicture(broadcast.picture, broadcast.now);
  }
  const Message& message = broadcast.MessageOf(slot.protocol);
  const ssize_t sent = slot.transport->Send(message.bytes);
  const int error = errno;
  broadcast.sent_bytes += static_cast<uint64_t>(std::max<ssize_t>(sent, 0));
  if (sent == static_cast<ssize_t>(message.bytes.size())) {
    ++broadcast.sent_pictures;
    return;
  }
  const std::shared_ptr<ViewerSession> session = slot.session;
  session->OnCutShort(message.head, broadcast.picture, sent, error);
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
  ForEachSession(viewer_environment_.table, [&](ViewerSession& viewer) { viewer.Sweep(now); });
  const std::vector<std::shared_ptr<HttpSession>> sessions(http_sessions_.begin(),
                                                           http_sessions_.end());
  for (const auto& session : sessions) {
    session->Sweep(now);
  }
}

void NetworkThread::CloseAll() {
  ForEachSession(viewer_environment_.table, [](ViewerSession& viewer) { viewer.Shutdown(); });
  for (const auto& session : http_sessions_) {
    session->Close();
  }
  http_sessions_.clear();
}

}  // namespace pistream
