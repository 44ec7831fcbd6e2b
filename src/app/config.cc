#include "src/app/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "src/encode/mpeg1/mpeg1_encoder.h"

namespace pistream {
namespace {

using Fault = std::optional<ConfigFault>;

bool IsStreamName(std::string_view name) {
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view kAll = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.size() <= kMaximumStreamName &&
         kFirst.find(name.front()) != std::string_view::npos &&
         name.find_first_not_of(kAll) == std::string_view::npos;
}

// IPv4, IPv6, or IPv6 with a zone (RFC 4007): fe80::1%eth0.
bool IsIpAddress(const std::string& text) {
  in_addr ipv4{};
  in6_addr ipv6{};
  const size_t zone = text.find('%');
  const bool has_zone = zone != std::string::npos && zone + 1 < text.size();
  return inet_pton(AF_INET, text.c_str(), &ipv4) == 1 ||
         inet_pton(AF_INET6, (has_zone ? text.substr(0, zone) : text).c_str(), &ipv6) == 1;
}

// `number` is the stream's in Config::streams.
Fault FaultOfEncoding(size_t number, const StreamConfig& stream) {
  if (stream.gop_pictures && (*stream.gop_pictures < 1 || *stream.gop_pictures > kMaximumGop)) {
    return ConfigFault{
        number, "gop",
        fmt::format("'{}' is not a whole number from 1 to {}", *stream.gop_pictures, kMaximumGop)};
  }
  if (const auto checked = CheckFrameRate(stream.camera.format.framerate); !checked) {
    return ConfigFault{number, "framerate", checked.error().message};
  }
  if (stream.bitrate_bps &&
      (*stream.bitrate_bps < kMinimumBitrate || *stream.bitrate_bps > kMaximumBitrate)) {
    return ConfigFault{
        number, "bitrate",
        fmt::format("{} is not a bitrate from {} to {}", BitrateText(*stream.bitrate_bps),
                    BitrateText(kMinimumBitrate), BitrateText(kMaximumBitrate))};
  }
  const auto checked = Mpeg1Encoder::Check({.format = stream.camera.format,
                                            .bitrate_bps = stream.EffectiveBitrate(),
                                            .gop_pictures = stream.EffectiveGop()});
  if (!checked) {
    return ConfigFault{number, stream.bitrate_bps ? "bitrate" : "size", checked.error().message};
  }
  return std::nullopt;
}

Fault FaultOfStreamNames(const std::vector<StreamConfig>& streams) {
  if (streams.empty()) {
    return ConfigFault{std::nullopt, "streams", "there is no stream: add a table [streams.NAME]"};
  }
  if (streams.size() > kMaximumStreams) {
    return ConfigFault{std::nullopt, "streams",
                       fmt::format("{} streams are too many: at most {} are possible",
                                   streams.size(), kMaximumStreams)};
  }
  std::set<std::string_view> names;
  for (size_t number = 0; number < streams.size(); ++number) {
    const StreamConfig& stream = streams[number];
    if (!IsStreamName(stream.name)) {
      return ConfigFault{number, "",
                         fmt::format("'{}' is not a stream's name: use at most {} of a-z, 0-9, - "
                                     "and _, and begin with a letter or digit",
                                     stream.name, kMaximumStreamName)};
    }
    if (!names.insert(stream.name).second) {
      return ConfigFault{number, "", "two streams have this name: rename one of them"};
    }
  }
  return std::nullopt;
}

Fault FaultOfSimulation(size_t number, const StreamConfig& stream) {
  const std::string& file = stream.source.detail;
  std::error_code error;
  if (!file.empty() && !std::filesystem::exists(file, error)) {
    return ConfigFault{number, "source", fmt::format("there is no file '{}'", file)};
  }
  if (!stream.camera.controls.empty()) {
    return ConfigFault{number, "control", "the simulated camera has no controls"};
  }
  return std::nullopt;
}

// Two streams cannot open one camera.
Fault FaultOfSources(const std::vector<StreamConfig>& streams) {
  std::map<std::string_view, std::string_view> stream_of;  // by the camera's ID
  for (size_t number = 0; number < streams.size(); ++number) {
    const StreamConfig& stream = streams[number];
    if (stream.source.kind == SourceChoice::Kind::kSimulated) {
      if (auto fault = FaultOfSimulation(number, stream)) {
        return fault;
      }
      continue;
    }
    const std::string& id = stream.source.detail;
    const auto [other, is_new] = stream_of.emplace(id, stream.name);
    if (is_new) {
      continue;
    }
    const std::string camera =
        id.empty() ? "libcamera's first camera" : fmt::format("the camera '{}'", id);
    return ConfigFault{number, "source",
                       fmt::format("{} is already shown by the stream '{}': name another one "
                                   "(pistream --list-cameras lists them)",
                                   camera, other->second)};
  }
  return std::nullopt;
}

Fault FaultOfListener(const ListenerConfig& listener) {
  if (!IsIpAddress(listener.address)) {
    return ConfigFault{
        std::nullopt, "address",
        fmt::format("'{}' is not an IP address, such as 192.168.1.2 or ::", listener.address)};
  }
  if (listener.ws_port && listener.port != 0 && *listener.ws_port == listener.port) {
    // Often nobody has set ws-port.
    if (listener.ws_port == ListenerConfig().ws_port) {
      return ConfigFault{
          std::nullopt, "port",
          fmt::format("{} is also ws-port's default: choose another, or ws-port = \"off\"",
                      listener.port)};
    }
    return ConfigFault{
        std::nullopt, "ws-port",
        fmt::format("{} is the same as port: choose another one, or off", listener.port)};
  }
  if (listener.threads < 1 || listener.threads > kMaximumThreads) {
    return ConfigFault{
        std::nullopt, "threads",
        fmt::format("'{}' is not a whole number from 1 to {}", listener.threads, kMaximumThreads)};
  }
  std::error_code unreadable;
  if (!listener.web_root.empty() && !std::filesystem::is_directory(listener.web_root, unreadable)) {
    return ConfigFault{std::nullopt, "web-root",
                       fmt::format("'{}' is not a directory", listener.web_root.string())};
  }
  return std::nullopt;
}

bool IsLoopback(const std::string& address) {
  return ParseAddressRange("127.0.0.0/8")->Includes(address) ||
         ParseAddressRange("::1")->Includes(address);
}

Fault FaultOfTls(const TlsConfig& tls) {
  if (!tls.key.empty() && !tls.is_on()) {
    return ConfigFault{std::nullopt, "tls-key",
                       "a key is of no use without tls-certificate: name its certificate, too"};
  }
  if (!tls.key.empty() && tls.is_self()) {
    return ConfigFault{
        std::nullopt, "tls-key",
        "pistream makes the key for its own certificate: leave this out, or name the "
        "key's certificate in the place of self"};
  }
  if (tls.plain == TlsConfig::Plain::kServe && !tls.is_on()) {
    return ConfigFault{std::nullopt, "tls-plain",
                       "all is plain without tls-certificate: leave this out, or name one"};
  }
  return std::nullopt;
}

// Who is on this machine may do what he likes. Others are strangers unless somebody says otherwise:
// they connect to an address that is not loopback, or to a proxy, which needs one of two settings.
Fault FaultOfAuth(const Config& config) {
  const ListenerConfig& listener = config.listener;
  if (config.auth.mode == AuthConfig::Mode::kTokens && config.auth.tokens.empty()) {
    return ConfigFault{
        std::nullopt, "auth-mode",
        "the mode is tokens, and there are none: make them with 'pistream --make-tokens FILE' and "
        "add --auth-tokens FILE, or pass them on as systemd's credential pistream-tokens"};
  }
  const std::string setting = !IsLoopback(listener.address)       ? "address"
                              : !listener.trusted_proxies.empty() ? "trusted-proxy"
                              : !listener.host_names.empty()      ? "host-name"
                                                                  : "";
  if (setting.empty() || !config.auth.tokens.empty() ||
      config.auth.mode != AuthConfig::Mode::kAutomatic) {
    return std::nullopt;
  }
  return ConfigFault{
      std::nullopt, setting,
      fmt::format("other machines can connect to {}, and there are no tokens to tell who may: make "
                  "them with 'pistream --make-tokens FILE' and add --auth-tokens FILE; or let "
                  "everybody watch and control with --open ([auth] mode = \"none\" in the file)",
                  setting == "address" ? listener.address : "a proxy")};
}

}  // namespace

int StreamConfig::EffectiveGop() const {
  return gop_pictures.value_or(OneSecondOfPictures(camera.format.framerate));
}

int64_t StreamConfig::EffectiveBitrate() const {
  return bitrate_bps.value_or(DefaultBitrate(camera.format, EffectiveGop()));
}

std::optional<ConfigFault> FindFault(const Config& config) {
  if (auto fault = FaultOfListener(config.listener)) {
    return fault;
  }
  if (auto fault = FaultOfTls(config.tls)) {
    return fault;
  }
  if (auto fault = FaultOfAuth(config)) {
    return fault;
  }
  if (auto fault = FaultOfStreamNames(config.streams)) {
    return fault;
  }
  for (size_t number = 0; number < config.streams.size(); ++number) {
    if (auto fault = FaultOfEncoding(number, config.streams[number])) {
      return fault;
    }
  }
  return FaultOfSources(config.streams);
}

std::vector<std::string> Warnings(const Config& config) {
  std::vector<std::string> warnings;
  for (const StreamConfig& stream : config.streams) {
    if (const auto warning =
            BitrateWarning(stream.camera.format, stream.EffectiveGop(), stream.bitrate_bps)) {
      warnings.push_back(fmt::format("stream {}: {}", stream.name, *warning));
    }
  }
  return warnings;
}

}  // namespace pistream
