#include "src/server/server.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <future>
#include <iterator>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "src/api/streams.h"
#include "src/base/log.h"
#include "src/http/host_policy.h"
#include "src/http/mailbox.h"
#include "src/http/routes.h"
#include "src/http/static_files.h"
#include "src/net/plain_transport.h"
#include "src/server/network_thread.h"
#include "src/viewer/viewer_metrics.h"

namespace pistream {

namespace asio = boost::asio;

namespace {

// The routes' view of the streams.
class Directory final : public StreamDirectory {
 public:
  explicit Directory(const StreamRegistry& streams) : streams_(streams) {}

  std::vector<StreamInfo> Streams() const override {
    std::vector<StreamInfo> infos;
    const auto streams = streams_.streams();
    for (const auto& stream : *streams) {
      infos.push_back({.name = stream->name(),
                       .size = stream->format().size,
                       .unhealthy_reason = stream->UnhealthyReason()});
    }
    return infos;
  }

 private:
  const StreamRegistry& streams_;
};

// The machine's as they are now, and `configured`.
std::vector<std::string> OwnNames(std::vector<std::string> configured) {
  std::ranges::copy(NamesOfThisMachine(), std::back_inserter(configured));
  return configured;
}

class BoundServer final : public Server {
 public:
  BoundServer(const ServerConfig& config, const ServerContext& context);
  ~BoundServer() override;
  BoundServer(const BoundServer&) = delete;
  BoundServer& operator=(const BoundServer&) = delete;

  Result<void> Bind();

  void Serve() override;
  Result<void> Reconfigure(const ServerConfig& config) override;
  void EndStrangers() override;
  void Stop() override;

  bool is_listening() const override { return main_ != nullptr; }
  uint16_t port() const override { return main_->port(); }
  std::optional<uint16_t> ws_port() const override {
    return classic_ ? std::optional(classic_->port()) : std::nullopt;
  }

 private:
  Result<void> BindListeners();
  Result<void> Rebind(const ServerConfig& before);
  Result<void> RebindOnTheirThread(const ServerConfig& before);
  void Retire(std::unique_ptr<Listener>& listener);
  void SetRoutes(std::unique_ptr<Routes> routes);
  Listener::MakeTransport MakeTransport() const;
  RoutesConfig MakeRoutesConfig();
  HttpResponse ListStreams(const RouteCall& call) const;
  void StartListener(Listener& listener, bool is_classic_port);
  NetworkThread& ChooseHome(NetworkThread& present);

  // The listeners live on the first network thread.
  asio::io_context& listeners_io() { return threads_.front()->io(); }

  ServerConfig config_;
  const ServerContext context_;
  HttpMetrics http_metrics_;
  prometheus::Counter& accept_errors_;
  const Directory directory_;
  Mailboxes mailboxes_;
  std::unique_ptr<Routes> routes_;
  std::vector<std::unique_ptr<NetworkThread>> threads_;
  std::unique_ptr<Listener> main_;  // null: not listening
  std::unique_ptr<Listener> classic_;
  size_t next_thread_ = 0;
};

BoundServer::BoundServer(const ServerConfig& config, const ServerContext& context)
    : config_(config),
      context_(context),
      http_metrics_(context.metrics),
      accept_errors_(AcceptErrorsCounter(context.metrics)),
      directory_(context.streams) {
  const auto choose_home = [this](NetworkThread& present) -> NetworkThread& {
    return ChooseHome(present);
  };
  for (int i = 0; i < config.threads; ++i) {
    threads_.push_back(std::make_unique<NetworkThread>(
        fmt::format("net-{}", i), NetworkContext{.streams = context.streams,
                                                 .metrics = context.metrics,
                                                 .http_metrics = http_metrics_,
                                                 .authenticator = context.authenticator,
                                                 .clock = context.clock,
                                                 .stall_limit = config.stall_limit,
                                                 .choose_home = choose_home}));
  }
}

// What the routes deferred may need the threads.
BoundServer::~BoundServer() {
  Stop();
  routes_.reset();
}

Result<void> BoundServer::Bind() {
  auto files = StaticFiles::Make(context_.assets, config_.web_root, std::time(nullptr));
  if (!files) {
    return tl::unexpected(files.error());
  }
  if (auto bound = BindListeners(); !bound) {
    return bound;
  }
  routes_ = std::make_unique<Routes>(std::move(*files), MakeRoutesConfig());
  return {};
}

// Binds those that are not bound.
Result<void> BoundServer::BindListeners() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(config_.address, error);
  if (error) {
    return FailUsage("'{}' is not an IP address: give --address 127.0.0.1, 0.0.0.0 or ::",
                     config_.address);
  }
  if (config_.port != 0 && config_.ws_port == config_.port) {
    return FailUsage("--port and --ws-port are both {}: choose another for one, or --ws-port off",
                     config_.port);
  }
  const auto bind = [&](std::unique_ptr<Listener>& bound, uint16_t port, const char* option) {
    auto listener =
        std::make_unique<Listener>(listeners_io(), MakeTransport(), accept_errors_, context_.clock);
    auto result = listener->Bind(address, port, option);
    if (result) {
      bound = std::move(listener);
    }
    return result;
  };
  if (!main_) {
    if (auto bound = bind(main_, config_.port, "--port"); !bound) {
      return bound;
    }
  }
  if (config_.ws_port && !classic_) {
    return bind(classic_, *config_.ws_port, "--ws-port");
  }
  return {};
}

Listener::MakeTransport BoundServer::MakeTransport() const {
  if (context_.make_transport) {
    return context_.make_transport;
  }
  return [](Socket socket) { return std::make_unique<PlainTransport>(std::move(socket)); };
}

RoutesConfig BoundServer::MakeRoutesConfig() {
  return {.classic_port = ws_port().value_or(port()),
          .allowed_origins = config_.allowed_origins,
          .hosts = HostPolicy(OwnNames(config_.host_names)),
          .trusted_proxies = config_.trusted_proxies,
          .redirects_to_tls = config_.redirects_to_tls,
          .authenticator = context_.authenticator,
          .on_sessions_ended = [this] { EndStrangers(); },
          .metrics_text = [&metrics = context_.metrics] { return metrics.Text(); },
          .streams = directory_,
          .mailboxes = &mailboxes_,
          .entries = {{.path = "api/v1/streams",
                       .methods = {{boost::beast::http::verb::get, Role::kView}},
                       .handle = [this](const RouteCall& call) { return ListStreams(call); }}}};
}

// At the root all streams; below /streams/NAME/ that one. Paths are relative to the page beside
// which the list was requested.
HttpResponse BoundServer::ListStreams(const RouteCall& call) const {
  std::vector<StreamSummary> summaries;
  const auto streams = context_.streams.streams();
  for (const auto& stream : *streams) {
    if (call.is_root || stream->name() == call.stream->name) {
      summaries.push_back(
          {.name = stream->name(),
           .path = call.is_root ? fmt::format("streams/{}/", stream->name()) : "./",
           .format = stream->format(),
           .bitrate_bps = stream->bitrate_bps(),
           .unhealthy_reason = stream->UnhealthyReason(),
           .viewers = static_cast<int>(ViewersGauge(context_.metrics, stream->name()).Value())});
    }
  }
  HttpResponse response = TextResponse(boost::beast::http::status::ok, "");
  response.fields.set(boost::beast::http::field::content_type, "application/json");
  response.fields.set(boost::beast::http::field::cache_control, "no-store");
  response.body = StreamsJson(summaries);
  return response;
}

void BoundServer::Serve() {
  StartListener(*main_, false);
  if (classic_) {
    StartListener(*classic_, true);
  }
  for (const auto& thread : threads_) {
    thread->Start(*routes_);
  }
}

Result<void> BoundServer::Reconfigure(const ServerConfig& config) {
  auto files = StaticFiles::Make(context_.assets, config.web_root, std::time(nullptr));
  if (!files) {
    return tl::unexpected(files.error());
  }
  const ServerConfig before = std::exchange(config_, config);
  const auto sockets = [](const ServerConfig& of) {
    return std::tie(of.address, of.port, of.ws_port);
  };
  if (sockets(config) != sockets(before)) {
    if (auto bound = RebindOnTheirThread(before); !bound) {
      return bound;
    }
  }
  SetRoutes(std::make_unique<Routes>(std::move(*files), MakeRoutesConfig()));
  return {};
}

// The old ones go once no thread has them and all that they deferred has been sent.
void BoundServer::SetRoutes(std::unique_ptr<Routes> routes) {
  for (const auto& thread : threads_) {
    std::promise<void> is_set;
    thread->SetRoutes(*routes);
    asio::post(thread->io(), [&] { is_set.set_value(); });
    is_set.get_future().wait();
  }
  std::swap(routes_, routes);
  routes->AwaitDeferred();
}

Result<void> BoundServer::RebindOnTheirThread(const ServerConfig& before) {
  std::promise<Result<void>> bound;
  asio::post(listeners_io(), [&] { bound.set_value(Rebind(before)); });
  return bound.get_future().get();
}

// Sockets that stay are not touched. The new ones may be in the way of the old ones (127.0.0.1 and
// 0.0.0.0), so these close first.
Result<void> BoundServer::Rebind(const ServerConfig& before) {
  const bool moves = config_.address != before.address;
  const bool moves_main = moves || config_.port != before.port;
  const bool moves_classic = moves || config_.ws_port != before.ws_port;
  // As they are: "any free port" is a certain one now.
  ServerConfig bound_before = before;
  bound_before.port = port();
  bound_before.ws_port = ws_port();
  const auto retire = [&] {
    if (moves_main) {
      Retire(main_);
    }
    if (moves_classic) {
      Retire(classic_);
    }
  };
  retire();
  auto bound = BindListeners();
  if (!bound) {
    retire();
    config_ = bound_before;
    const auto again = BindListeners();
    config_ = before;
    if (!again) {
      log::Error("cannot listen as before either: {}", again.error().message);
      Retire(main_);
      Retire(classic_);
      return bound;
    }
  }
  if (moves_main) {
    StartListener(*main_, false);
  }
  if (moves_classic && classic_) {
    StartListener(*classic_, true);
  }
  return bound;
}

// On the listeners' thread. Handlers of a closed listener are still to run: it goes after them.
void BoundServer::Retire(std::unique_ptr<Listener>& listener) {
  if (listener) {
    listener->Close();
    asio::post(listeners_io(), [gone = std::move(listener)] {});
  }
}

// Connections are dealt to the threads in turn. That keeps no balance of viewers, who stay long:
// they move once, when they become viewers.
void BoundServer::StartListener(Listener& listener, bool is_classic_port) {
  listener.Start([this, is_classic_port] {
    NetworkThread& thread = *threads_[next_thread_++ % threads_.size()];
    return Listener::Destination{
        &thread.io(), [&thread, is_classic_port](std::unique_ptr<Transport> transport) {
          asio::post(thread.io(),
                     [&thread, is_classic_port, moved = std::move(transport)]() mutable {
                       thread.Adopt(std::move(moved), is_classic_port);
                     });
        }};
  });
}

// The thread with the fewest viewers. Any thread; two that choose at once may be off by one.
NetworkThread& BoundServer::ChooseHome(NetworkThread& present) {
  const auto viewers = [](const auto& thread) { return thread->viewers(); };
  NetworkThread& emptiest = **std::ranges::min_element(threads_, {}, viewers);
  return emptiest.viewers() < present.viewers() ? emptiest : present;
}

void BoundServer::EndStrangers() {
  for (const auto& thread : threads_) {
    thread->EndStrangers();
  }
}

void BoundServer::Stop() {
  asio::post(listeners_io(), [this] {
    if (main_) {
      main_->Close();
    }
    if (classic_) {
      classic_->Close();
    }
  });
  for (const auto& thread : threads_) {
    thread->RequestStop();
  }
  for (const auto& thread : threads_) {
    thread->Join();
  }
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Bind(const ServerConfig& config,
                                             const ServerContext& context) {
  auto server = std::make_unique<BoundServer>(config, context);
  if (auto bound = server->Bind(); !bound) {
    return tl::unexpected(bound.error());
  }
  return server;
}

}  // namespace pistream
