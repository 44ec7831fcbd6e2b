#include "src/server/server.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

#include "fmt/format.h"
#include "src/http/routes.h"
#include "src/http/static_files.h"
#include "src/net/listener.h"
#include "src/server/network_thread.h"

namespace pistream {

namespace asio = boost::asio;

namespace {

// The one stream there is.
class OneStream final : public StreamDirectory {
 public:
  explicit OneStream(const std::function<std::optional<std::string>()>& unhealthy_reason)
      : unhealthy_reason_(unhealthy_reason) {}

  void set_size(Size size) { size_ = size; }

  std::vector<StreamInfo> Streams() const override {
    return {{.name = "camera", .size = size_, .unhealthy_reason = unhealthy_reason_()}};
  }

 private:
  const std::function<std::optional<std::string>()> unhealthy_reason_;
  Size size_;
};

class BoundServer final : public Server {
 public:
  BoundServer(const ServerConfig& config, const ServerContext& context);
  ~BoundServer() override { Stop(); }
  BoundServer(const BoundServer&) = delete;
  BoundServer& operator=(const BoundServer&) = delete;

  Result<void> Bind();

  void Serve(const VideoFormat& format) override;
  void Stop() override;

  uint16_t port() const override { return main_->port(); }
  std::optional<uint16_t> ws_port() const override {
    return classic_ ? std::optional(classic_->port()) : std::nullopt;
  }

 private:
  Result<void> BindListeners();
  RoutesConfig MakeRoutesConfig() const;
  void StartListener(Listener& listener, bool is_classic_port);
  NetworkThread& ChooseHome(NetworkThread& present);

  // The listeners live on the first network thread.
  asio::io_context& listeners_io() { return threads_.front()->io(); }

  const ServerConfig config_;
  const ServerContext context_;
  OneStream streams_;
  std::unique_ptr<Routes> routes_;
  std::vector<std::unique_ptr<NetworkThread>> threads_;
  std::unique_ptr<Listener> main_;
  std::unique_ptr<Listener> classic_;
  size_t next_thread_ = 0;
};

BoundServer::BoundServer(const ServerConfig& config, const ServerContext& context)
    : config_(config), context_(context), streams_(context.trouble) {
  const auto choose_home = [this](NetworkThread& present) -> NetworkThread& {
    return ChooseHome(present);
  };
  for (int i = 0; i < config.threads; ++i) {
    threads_.push_back(
        std::make_unique<NetworkThread>(NetworkContext{.demand = context.demand,
                                                       .metrics = context.metrics,
                                                       .clock = context.clock,
                                                       .stall_limit = config.stall_limit,
                                                       .choose_home = choose_home}));
  }
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
  for (const auto& thread : threads_) {
    context_.broadcaster.AddSink(*thread);
  }
  return {};
}

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
  main_ = std::make_unique<Listener>(listeners_io(), context_.metrics, context_.clock);
  if (auto bound = main_->Bind(address, config_.port, "--port"); !bound || !config_.ws_port) {
    return bound;
  }
  classic_ = std::make_unique<Listener>(listeners_io(), context_.metrics, context_.clock);
  return classic_->Bind(address, *config_.ws_port, "--ws-port");
}

RoutesConfig BoundServer::MakeRoutesConfig() const {
  return {.classic_port = ws_port().value_or(port()),
          .allowed_origins = config_.allowed_origins,
          .metrics_text = [&metrics = context_.metrics] { return metrics.Text(); },
          .streams = streams_};
}

void BoundServer::Serve(const VideoFormat& format) {
  streams_.set_size(format.size);
  StartListener(*main_, false);
  if (classic_) {
    StartListener(*classic_, true);
  }
  for (size_t i = 0; i < threads_.size(); ++i) {
    threads_[i]->Start(fmt::format("net-{}", i), *routes_, format.size);
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

void BoundServer::Stop() {
  asio::post(listeners_io(), [this] {
    main_->Close();
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
