#include "src/app/application.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/app/signals.h"
#include "src/app/sources.h"
#include "src/app/state_directory.h"
#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/encode/mpeg1/mpeg1_encoder_factory.h"
#include "src/net/plain_transport.h"
#include "src/net/tls_transport.h"
#include "src/viewer/viewer_metrics.h"
#include "web/embedded.h"

namespace pistream {
namespace {

ServerConfig MakeServerConfig(const Config& config) {
  const ListenerConfig& listener = config.listener;
  return {.address = listener.address,
          .port = listener.port,
          .ws_port = listener.ws_port,
          .threads = listener.threads,
          .web_root = listener.web_root,
          .allowed_origins = listener.allowed_origins,
          .host_names = listener.host_names,
          .trusted_proxies = listener.trusted_proxies,
          .redirects_to_tls = config.tls.redirects()};
}

// Nothing: everybody may do everything.
Result<std::optional<Tokens>> ReadTokens(const AuthConfig& auth) {
  if (auth.IsForEverybody()) {
    return std::nullopt;
  }
  auto tokens = ReadTokenFile(auth.tokens);
  if (!tokens) {
    return tl::unexpected(std::move(tokens).error());
  }
  return *std::move(tokens);
}

// Which of the servers on a host this is: what its cookies are called.
std::string InstanceName(const ListenerConfig& listener) {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), HOST_NAME_MAX);
  return fmt::format("{}:{}", host.data(), listener.port);
}

std::chrono::sys_seconds WallClock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::unique_ptr<Authenticator> MakeAuthenticator(const std::optional<Tokens>& tokens,
                                                 const ListenerConfig& listener, Clock& clock) {
  auto authenticator =
      std::make_unique<Authenticator>(tokens, InstanceName(listener), clock, WallClock);
  const std::filesystem::path directory = ServiceStateDirectory();
  if (!directory.empty()) {
    if (const auto kept = authenticator->KeepSessionsIn(directory / "sessions"); !kept) {
      log::Warning("sessions end with each restart: {}", kept.error().message);
    }
  }
  return authenticator;
}

CameraStreamConfig MakeStreamConfig(const StreamConfig& stream) {
  return {.camera = stream.camera,
          .video = {.bitrate_bps = stream.bitrate_bps.value_or(0),
                    .gop_pictures = stream.gop_pictures.value_or(0)}};
}

// An IPv6 address stands in brackets in a URL (RFC 3986, 3.2.2).
std::string UrlHost(const std::string& address) {
  return address.find(':') == std::string::npos ? address : fmt::format("[{}]", address);
}

std::string Addresses(const Config& config, const Server& server) {
  const std::string host = UrlHost(config.listener.address);
  const std::string_view s = config.tls.is_on() ? "s" : "";
  std::string addresses = fmt::format("http{}://{}:{}/", s, host, server.port());
  if (const auto ws_port = server.ws_port()) {
    addresses += fmt::format(" ws{}://{}:{}/", s, host, *ws_port);
  }
  return addresses;
}

void PrintReadyLine(const Config& config, const Server& server) {
  std::puts(fmt::format("pistream ready {}", Addresses(config, server)).c_str());
  std::fflush(stdout);
}

}  // namespace

Application::Application(Config config, Clock& clock) : clock_(clock), config_(std::move(config)) {}

Application::~Application() { Stop(); }

Result<void> Application::Start() {
  auto tokens = ReadTokens(config_.auth);
  if (!tokens) {
    return tl::unexpected(std::move(tokens).error());
  }
  tokens_ = *std::move(tokens);
  authenticator_ = MakeAuthenticator(tokens_, config_.listener, clock_);
  if (auto used = certificates_.Use(config_.tls, config_.listener); !used) {
    return used;
  }
  auto sources = MakeSources(config_.streams);
  if (!sources) {
    return tl::unexpected(std::move(sources).error());
  }
  std::vector<std::string> order;
  for (const StreamConfig& stream : config_.streams) {
    streams_.emplace(stream.name, MakeStream(stream, std::move(sources->at(stream.name))));
    order.push_back(stream.name);
  }
  Publish(order);
  auto server = BindServer(config_);  // before a camera is opened: a port may be in use
  if (!server) {
    return tl::unexpected(std::move(server).error());
  }
  server_ = *std::move(server);
  std::map<std::string, Error> unavailable;
  for (const std::string& name : order) {
    const auto started = streams_.at(name)->Start();
    if (!started && (started.error().is_bad_usage || config_.streams.size() == 1)) {
      return tl::unexpected(started.error());
    }
    if (!started) {
      unavailable.emplace(name, started.error());
    }
  }
  if (unavailable.size() == config_.streams.size()) {
    return tl::unexpected(unavailable.at(order.front()));
  }
  for (const auto& [name, error] : unavailable) {
    streams_.at(name)->StartUnavailable(error);
  }
  server_->Serve();
  return {};
}

Result<void> Application::Reload(const Config& wanted) {
  ReloadPlan plan = Plan(config_, wanted);
  // All that can fail comes first.
  std::vector<StreamConfig> of_new_source = plan.add;
  for (const StreamConfig& stream : plan.restart_camera) {
    const auto running = std::ranges::find(config_.streams, stream.name, &StreamConfig::name);
    if (running->source != stream.source) {
      of_new_source.push_back(stream);
    }
  }
  auto sources = MakeSources(of_new_source);
  if (!sources) {
    return tl::unexpected(std::move(sources).error());
  }
  const std::optional<Tokens> tokens_before = tokens_;
  if (auto reloaded = ReloadAccess(plan, wanted); !reloaded) {
    return reloaded;
  }
  if (tokens_ != tokens_before) {
    plan.access =
        tokens_ ? "other tokens, all have to log in again" : "everybody may watch and control now";
  }
  log::Info("reloaded the configuration: {}", ToString(plan));
  if (plan.listener >= ReloadPlan::Listener::kSockets) {
    log::Info("listening on {}", Addresses(wanted, *server_));
  }
  for (const std::string& warning : Warnings(wanted)) {
    log::Warning("{}", warning);
  }
  // Not shown any more before they stop.
  std::vector<std::string> staying = plan.order;
  std::erase_if(staying, [this](const std::string& name) { return !streams_.contains(name); });
  if (!staying.empty()) {
    Publish(staying);
  }
  std::ranges::for_each(plan.remove, [this](const std::string& name) { Remove(name); });
  for (const auto* const changed : {&plan.restart_camera, &plan.restart_encoder}) {
    for (const StreamConfig& stream : *changed) {
      const auto source = sources->find(stream.name);
      streams_.at(stream.name)
          ->Reconfigure(MakeStreamConfig(stream),
                        source == sources->end() ? nullptr : std::move(source->second));
    }
  }
  for (const StreamConfig& stream : plan.add) {
    Add(stream, std::move(sources->at(stream.name)));
  }
  Publish(plan.order);
  log::SetLevel(wanted.log_level);
  config_ = wanted;
  return {};
}

// Never lets others in without tokens meanwhile: new ones count before, and none after the listener
// has moved.
Result<void> Application::ReloadAccess(const ReloadPlan& plan, const Config& wanted) {
  auto tokens = ReadTokens(wanted.auth);
  if (!tokens) {
    return tl::unexpected(std::move(tokens).error());
  }
  if (auto used = certificates_.Use(wanted.tls, wanted.listener); !used) {
    return used;
  }
  if (*tokens) {
    authenticator_->SetTokens(*tokens);
  }
  if (auto listening = ReloadListener(plan, wanted); !listening) {
    authenticator_->SetTokens(tokens_);
    if (const auto used = certificates_.Use(config_.tls, config_.listener); !used) {
      log::Error("the certificate of before cannot be used any more: {}", used.error().message);
    }
    return listening;
  }
  authenticator_->SetTokens(*tokens);
  if (*tokens != tokens_) {
    server_->EndStrangers();
  }
  tokens_ = *std::move(tokens);
  return {};
}

std::unique_ptr<Transport> Application::MakeTransport(Socket socket) const {
  if (auto context = certificates_.context()) {
    return std::make_unique<TlsTransport>(std::move(socket), std::move(context),
                                          certificates_.metrics());
  }
  return std::make_unique<PlainTransport>(std::move(socket));
}

Result<void> Application::ReloadListener(const ReloadPlan& plan, const Config& wanted) {
  if (plan.listener == ReloadPlan::Listener::kUnchanged) {
    return {};
  }
  if (plan.listener != ReloadPlan::Listener::kThreads) {
    return server_->Reconfigure(MakeServerConfig(wanted));
  }
  // All else that can fail, while the viewers are still connected.
  ServerConfig with_present_threads = MakeServerConfig(wanted);
  with_present_threads.threads = config_.listener.threads;
  if (auto reconfigured = server_->Reconfigure(with_present_threads); !reconfigured) {
    return reconfigured;
  }
  // Ports stay the same, so the old server has to end before the new one binds them.
  server_.reset();
  auto server = BindServer(wanted);
  if (!server) {
    return tl::unexpected(std::move(server).error());
  }
  server_ = *std::move(server);
  server_->Serve();
  return {};
}

void Application::Stop() {
  for (const auto& [name, stream] : streams_) {
    stream->Stop();
  }
  if (server_) {
    server_->Stop();
  }
}

Result<Application::Sources> Application::MakeSources(
    const std::vector<StreamConfig>& streams) const {
  Sources sources;
  for (const StreamConfig& stream : streams) {
    auto source = MakeSource(stream.source, clock_);
    if (!source) {
      Error error = std::move(source).error();
      if (config_.streams.size() > 1 || streams.size() > 1) {
        error.message = fmt::format("stream {}: {}", stream.name, error.message);
      }
      return tl::unexpected(std::move(error));
    }
    sources.emplace(stream.name, *std::move(source));
  }
  return sources;
}

Result<std::unique_ptr<Server>> Application::BindServer(const Config& config) {
  return Server::Bind(MakeServerConfig(config), {.assets = web::EmbeddedAssets(),
                                                 .streams = registry_,
                                                 .metrics = metrics_,
                                                 .clock = clock_,
                                                 .authenticator = authenticator_.get(),
                                                 .make_transport = [this](Socket socket) {
                                                   return MakeTransport(std::move(socket));
                                                 }});
}

std::shared_ptr<CameraStream> Application::MakeStream(const StreamConfig& stream,
                                                      std::unique_ptr<CameraSource> source) {
  RegisterViewerMetrics(metrics_, stream.name);
  return std::make_shared<CameraStream>(stream.name, MakeStreamConfig(stream), std::move(source),
                                        MakeMpeg1EncoderFactory(clock_), metrics_, clock_);
}

void Application::Remove(const std::string& name) {
  const auto removed = streams_.extract(name);
  removed.mapped()->Stop();
  removed.mapped()->CloseTracks();
}

void Application::Add(const StreamConfig& stream, std::unique_ptr<CameraSource> source) {
  const auto added = MakeStream(stream, std::move(source));
  added->StartInBackground();
  streams_.emplace(stream.name, added);
}

void Application::Publish(const std::vector<std::string>& order) {
  StreamRegistry::List list;
  list.reserve(order.size());
  for (const std::string& name : order) {
    list.push_back(streams_.at(name));
  }
  registry_.Replace(std::move(list));
}

Result<void> Serve(const CommandLine& command_line, const Config& config) {
  Signals signals(command_line.config_file.empty() ? Signals::Hangup::kEnds
                                                   : Signals::Hangup::kReloads);
  for (const std::string& warning : Warnings(config)) {
    log::Warning("{}", warning);
  }
  Application application(config);
  if (auto started = application.Start(); !started) {
    return started;
  }
  log::Info("{}", config.auth.IsForEverybody() ? "everybody may watch and control"
                                               : "tokens are required to watch and control");
  PrintReadyLine(config, application.server());

  Signals::Event event = signals.Await();
  for (; event.kind == Signals::Event::Kind::kReload; event = signals.Await()) {
    const auto wanted = LoadConfig(command_line);
    const auto reloaded =
        wanted ? application.Reload(*wanted) : Result<void>(tl::unexpected(wanted.error()));
    if (!reloaded) {
      log::Error("the configuration was not changed: {}", reloaded.error().message);
    }
    if (!application.is_serving()) {
      return reloaded;  // a supervisor such as systemd starts it again
    }
  }
  log::Info("stopping on {}", event.signal == SIGINT ? "SIGINT" : "SIGTERM");
  application.Stop();
  return {};
}

}  // namespace pistream
