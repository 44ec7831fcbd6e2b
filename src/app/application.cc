#include "src/app/application.h"

#include <cstdio>
#include <memory>
#include <string>

#include "src/app/sources.h"
#include "src/app/stop_signal.h"
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

ServerConfig MakeServerConfig(const Options& options) {
  return {.address = options.address,
          .port = options.port,
          .ws_port = options.ws_port,
          .threads = options.threads,
          .web_root = options.web_root,
          .allowed_origins = options.allowed_origins};
}

PipelineConfig MakePipelineConfig(const Options& options) {
  return {.camera = {options.format, options.hflip, options.vflip, options.controls},
          .bitrate_bps = options.bitrate_bps,
          .gop_pictures = options.gop_pictures};
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

Result<void> Serve(const Options& options) {
  StopSignal stop_signal;
  Clock& clock = Clock::Real();
  auto source = MakeSource(options.source, clock);
  if (!source) {
    return tl::unexpected(source.error());
  }
  Metrics metrics;
  Demand demand(clock);
  Broadcaster broadcaster;
  Pipeline pipeline(MakePipelineConfig(options), **source, MakeEncoderFactory(clock), broadcaster,
                    demand, metrics, clock);
  const ServerContext context{.assets = web::EmbeddedAssets(),
                              .broadcaster = broadcaster,
                              .demand = demand,
                              .metrics = metrics,
                              .clock = clock,
                              .trouble = [&pipeline] { return pipeline.Trouble(); }};
  auto server = Server::Bind(MakeServerConfig(options), context);
  if (!server) {
    return tl::unexpected(server.error());
  }
  const auto format = pipeline.Start();
  if (!format) {
    return tl::unexpected(format.error());
  }
  (*server)->Serve(*format);
  PrintReadyLine(options.address, **server);

  const int signal = stop_signal.Await();
  log::Info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  pipeline.Stop();
  (*server)->Stop();
  return {};
}

}  // namespace pistream
