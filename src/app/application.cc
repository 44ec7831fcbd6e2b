#include "src/app/application.h"

#include <cstdio>
#include <memory>
#include <string>

#include "src/app/signals.h"
#include "src/app/sources.h"
#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "src/metrics/metrics.h"
#include "src/server/server.h"
#include "src/stream/broadcaster.h"
#include "src/stream/demand.h"
#include "src/stream/pipeline.h"
#include "web/embedded.h"

namespace pistream {
namespace {

ServerConfig MakeServerConfig(const ListenerConfig& listener) {
  return {.address = listener.address,
          .port = listener.port,
          .ws_port = listener.ws_port,
          .threads = listener.threads,
          .web_root = listener.web_root,
          .allowed_origins = listener.allowed_origins};
}

PipelineConfig MakePipelineConfig(const StreamConfig& stream) {
  return {.camera = stream.camera,
          .bitrate_bps = stream.EffectiveBitrate(),
          .gop_pictures = stream.EffectiveGop()};
}

EncoderFactory MakeEncoderFactory(Clock& clock) {
  return [&clock](const EncoderConfig& config) -> Result<std::unique_ptr<Encoder>> {
    return Mpeg1Encoder::Create(config, clock);
  };
}

// An IPv6 address stands in brackets in a URL (RFC 3986, 3.2.2).
std::string UrlHost(const std::string& address) {
  return address.find(':') == std::string::npos ? address : fmt::format("[{}]", address);
}

void PrintReadyLine(const std::string& address, const Server& server) {
  const std::string host = UrlHost(address);
  std::string line = fmt::format("pistream ready http://{}:{}/", host, server.port());
  if (const auto ws_port = server.ws_port()) {
    line += fmt::format(" ws://{}:{}/", host, *ws_port);
  }
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace

Result<void> Serve(const CommandLine& command_line, const Config& config) {
  Signals signals(command_line.config_file.empty() ? Signals::Hangup::kEnds
                                                   : Signals::Hangup::kReloads);
  for (const std::string& warning : Warnings(config)) {
    log::Warning("{}", warning);
  }
  Clock& clock = Clock::Real();
  const StreamConfig& stream = config.streams.front();
  auto source = MakeSource(stream.source, clock);
  if (!source) {
    return tl::unexpected(source.error());
  }
  Metrics metrics;
  Demand demand(clock);
  Broadcaster broadcaster;
  Pipeline pipeline(MakePipelineConfig(stream), **source, MakeEncoderFactory(clock), broadcaster,
                    demand, metrics, clock);
  const ServerContext context{.assets = web::EmbeddedAssets(),
                              .broadcaster = broadcaster,
                              .demand = demand,
                              .metrics = metrics,
                              .clock = clock,
                              .trouble = [&pipeline] { return pipeline.Trouble(); }};
  auto server = Server::Bind(MakeServerConfig(config.listener), context);
  if (!server) {
    return tl::unexpected(server.error());
  }
  const auto format = pipeline.Start();
  if (!format) {
    return tl::unexpected(format.error());
  }
  (*server)->Serve(*format);
  PrintReadyLine(config.listener.address, **server);

  Signals::Event event = signals.Await();
  while (event.kind != Signals::Event::Kind::kStop) {
    event = signals.Await();
  }
  log::Info("stopping on {}", event.signal == SIGINT ? "SIGINT" : "SIGTERM");
  pipeline.Stop();
  (*server)->Stop();
  return {};
}

}  // namespace pistream
