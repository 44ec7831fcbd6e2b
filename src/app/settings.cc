#include "src/app/settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "src/app/nearest_name.h"
#include "src/base/parse_number.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "src/http/address_range.h"
#include "src/http/host_policy.h"
#include "src/http/origin.h"
#include "src/media/video_format.h"

namespace pistream {
namespace {

using Kind = Setting::Kind;
using Scope = Setting::Scope;

template <typename T>
Result<void> Store(Result<T> parsed, auto& target) {
  if (!parsed) {
    return tl::unexpected(std::move(parsed).error());
  }
  target = *std::move(parsed);
  return {};
}

// The encoder's limit, below Size's own: an error should tell a size that is possible.
Result<Size> ParsePictureSize(std::string_view text) {
  auto size = ParseSize(text);
  if (!size) {
    return Fail("'{}' is not WIDTHxHEIGHT with even sides, from {} to {}, such as 640x480", text,
                ToString(Size{kMinimumSide, kMinimumSide}), ToString(Mpeg1Encoder::kMaximumSize));
  }
  return size;
}

Result<uint16_t> ParsePort(std::string_view text) { return ParseNumber<uint16_t>(text, 0, 65535); }

Result<std::optional<uint16_t>> ParseOptionalPort(std::string_view text) {
  if (text == "off") {
    return std::nullopt;
  }
  const auto port = ParsePort(text);
  if (!port) {
    return Fail("'{}' is neither a whole number from 0 to 65535 nor 'off'", text);
  }
  return *port;
}

Result<log::Level> ParseLogLevel(std::string_view text) {
  static const std::map<std::string_view, log::Level> kLevels = {{"debug", log::Level::kDebug},
                                                                 {"info", log::Level::kInfo},
                                                                 {"warning", log::Level::kWarning},
                                                                 {"error", log::Level::kError},
                                                                 {"off", log::Level::kOff}};
  const auto found = kLevels.find(text);
  if (found == kLevels.end()) {
    return Fail("'{}' is not a log level: use debug, info, warning, error or off", text);
  }
  return found->second;
}

Result<std::pair<std::string, double>> ParseControl(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos && equals > 0) {
    const auto number = ParseNumber<double>(text.substr(equals + 1));
    if (number) {
      return std::pair(std::string(text.substr(0, equals)), *number);
    }
  }
  return Fail("'{}' is not NAME=NUMBER, such as Brightness=0.2", text);
}

Result<void> AddControl(std::string_view text, Config& /*config*/, StreamConfig& stream) {
  const auto control = ParseControl(text);
  if (!control) {
    return tl::unexpected(control.error());
  }
  stream.camera.controls.insert_or_assign(control->first, control->second);
  return {};
}

Result<void> AddOrigin(std::string_view text, Config& config, StreamConfig& /*stream*/) {
  auto origin = ParseAllowedOrigin(text);
  if (!origin) {
    return tl::unexpected(std::move(origin).error());
  }
  std::vector<std::string>& allowed = config.listener.allowed_origins;
  if (std::ranges::find(allowed, *origin) == allowed.end()) {
    allowed.push_back(*std::move(origin));
  }
  return {};
}

Result<void> AddHostName(std::string_view text, Config& config, StreamConfig& /*stream*/) {
  auto name = ParseHostName(text);
  if (!name) {
    return tl::unexpected(std::move(name).error());
  }
  std::vector<std::string>& names = config.listener.host_names;
  if (std::ranges::find(names, *name) == names.end()) {
    names.push_back(*std::move(name));
  }
  return {};
}

Result<void> AddTrustedProxy(std::string_view text, Config& config, StreamConfig& /*stream*/) {
  const auto range = ParseAddressRange(text);
  if (!range) {
    return tl::unexpected(range.error());
  }
  config.listener.trusted_proxies.push_back(*range);
  return {};
}

Result<AuthConfig::Mode> ParseAuthMode(std::string_view text) {
  if (text == "tokens") {
    return AuthConfig::Mode::kTokens;
  }
  if (text == "none") {
    return AuthConfig::Mode::kNone;
  }
  return Fail("'{}' is neither tokens nor none", text);
}

Result<TlsConfig::Plain> ParseTlsPlain(std::string_view text) {
  if (text == "redirect") {
    return TlsConfig::Plain::kRedirect;
  }
  if (text == "serve") {
    return TlsConfig::Plain::kServe;
  }
  return Fail("'{}' is neither redirect nor serve", text);
}

constexpr auto kSettings = std::to_array<Setting>({
    {"source", Scope::kStream, Kind::kValue, "SOURCE", "the first camera that libcamera finds",
     "Camera: libcamera[:ID], or simulated[:SCENARIO.toml or :RECORDING.y4m]",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParseSource(text), stream.source);
     }},
    {"size", Scope::kStream, Kind::kValue, "WxH", "640x480", "Picture size in pixels",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParsePictureSize(text), stream.camera.format.size);
     }},
    {"framerate", Scope::kStream, Kind::kValue, "FPS", "24",
     "Frames per second, such as 24, 29.97 or 1/10",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParseFrameRate(text), stream.camera.format.framerate);
     }},
    {"bitrate", Scope::kStream, Kind::kValue, "BPS", "follows from size and frame rate",
     "Bits per second, such as 800k or 1.5M",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParseBitrate(text), stream.bitrate_bps);
     }},
    {"gop", Scope::kStream, Kind::kValue, "PICTURES", "one second", "Keyframe interval in pictures",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParseNumber<int>(text), stream.gop_pictures);
     }},
    {"hflip", Scope::kStream, Kind::kFlag, "", "", "Mirror the picture left to right",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParseFlag(text), stream.camera.hflip);
     }},
    {"vflip", Scope::kStream, Kind::kFlag, "", "", "Mirror the picture top to bottom",
     [](std::string_view text, Config&, StreamConfig& stream) {
       return Store(ParseFlag(text), stream.camera.vflip);
     }},
    {"control", Scope::kStream, Kind::kList, "NAME=NUMBER", "",
     "Set a libcamera control of the camera, such as Brightness=0.2; repeatable", AddControl},
    {"address", Scope::kListener, Kind::kValue, "IP", "127.0.0.1",
     "Address to listen on; 0.0.0.0 or :: is for other machines too, and needs --auth-tokens or "
     "--open",
     [](std::string_view text, Config& config, StreamConfig&) -> Result<void> {
       config.listener.address = text;
       return {};
     }},
    {"port", Scope::kListener, Kind::kValue, "PORT", "8082",
     "Port of the page and the streams; 0: any free port",
     [](std::string_view text, Config& config, StreamConfig&) {
       return Store(ParsePort(text), config.listener.port);
     }},
    {"ws-port", Scope::kListener, Kind::kValue, "PORT", "8084",
     "Second port, for pages made for pistreaming; 0: any free port, off: none",
     [](std::string_view text, Config& config, StreamConfig&) {
       return Store(ParseOptionalPort(text), config.listener.ws_port);
     }},
    {"web-root", Scope::kListener, Kind::kValue, "DIR", "",
     "Directory whose files (at most 8 MiB each) replace the built-in page's",
     [](std::string_view text, Config& config, StreamConfig&) -> Result<void> {
       config.listener.web_root = text;
       return {};
     }},
    {"allow-origin", Scope::kListener, Kind::kList, "ORIGIN", "",
     "Origin (http://host:port) whose pages may show the streams; repeatable", AddOrigin},
    {"host-name", Scope::kListener, Kind::kList, "NAME", "",
     "Name of this server besides the machine's own; repeatable", AddHostName},
    {"trusted-proxy", Scope::kListener, Kind::kList, "ADDRESS", "",
     "Proxy (or range, 10.0.0.0/8) whose X-Forwarded-* are believed; repeatable", AddTrustedProxy},
    {"threads", Scope::kListener, Kind::kValue, "N", "1", "Network threads",
     [](std::string_view text, Config& config, StreamConfig&) {
       return Store(ParseNumber<int>(text), config.listener.threads);
     }},
    {"tls-certificate", Scope::kTls, Kind::kValue, "FILE", "",
     "PEM file with the certificate and its chain, read again when it changes; self: make one",
     [](std::string_view text, Config& config, StreamConfig&) -> Result<void> {
       config.tls.certificate = text;
       return {};
     }},
    {"tls-key", Scope::kTls, Kind::kValue, "FILE", "in the certificate's file",
     "PEM file with the certificate's key",
     [](std::string_view text, Config& config, StreamConfig&) -> Result<void> {
       config.tls.key = text;
       return {};
     }},
    {"tls-plain", Scope::kTls, Kind::kValue, "MODE", "redirect",
     "Clients without TLS, on the same port: redirect them to https, or serve them",
     [](std::string_view text, Config& config, StreamConfig&) {
       return Store(ParseTlsPlain(text), config.tls.plain);
     }},
    {"auth-mode", Scope::kAuth, Kind::kValue, "MODE", "tokens if there are any",
     "tokens: who has one may watch or control; none: everybody may",
     [](std::string_view text, Config& config, StreamConfig&) {
       return Store(ParseAuthMode(text), config.auth.mode);
     }},
    {"auth-tokens", Scope::kAuth, Kind::kValue, "FILE", "",
     "File of --make-tokens; unless given, systemd's credential pistream-tokens",
     [](std::string_view text, Config& config, StreamConfig&) -> Result<void> {
       if (text.empty()) {  // such as a variable that is not set
         return Fail("needs the name of a file");
       }
       config.auth.tokens = text;
       return {};
     }},
    {"log-level", Scope::kProcess, Kind::kValue, "LEVEL", "info",
     "debug, info, warning, error or off",
     [](std::string_view text, Config& config, StreamConfig&) {
       return Store(ParseLogLevel(text), config.log_level);
     }},
});

}  // namespace

std::span<const Setting> AllSettings() { return kSettings; }

std::string_view TableOf(Setting::Scope scope) {
  switch (scope) {
    case Scope::kTls:
      return "tls";
    case Scope::kAuth:
      return "auth";
    case Scope::kStream:
    case Scope::kListener:
    case Scope::kProcess:
      return "";
  }
  std::abort();  // not an enumerator
}

std::string_view NameInFile(const Setting& setting) {
  const std::string_view table = TableOf(setting.scope);
  return table.empty() ? setting.name : setting.name.substr(table.size() + 1);
}

const Setting* FindSetting(std::string_view name) {
  const auto* const found = std::ranges::find(kSettings, name, &Setting::name);
  return found == kSettings.end() ? nullptr : found;
}

std::string Suggestion(std::string_view wrong, std::span<const std::string_view> known,
                       std::string_view before, std::string_view after) {
  const auto nearest = NearestName(wrong, known);
  return nearest ? fmt::format("; did you mean {}{}{}?", before, *nearest, after) : "";
}

Result<void> Apply(const Assignment& assignment, Config& config, StreamConfig& stream) {
  for (const std::string& text : assignment.texts) {
    if (const auto applied = assignment.setting->apply(text, config, stream); !applied) {
      return FailUsage("{}: {}", assignment.place, applied.error().message);
    }
  }
  return {};
}

Result<bool> ParseFlag(std::string_view text) {
  if (text != "true" && text != "false") {
    return Fail("'{}' is neither true nor false", text);
  }
  return text == "true";
}

Result<int64_t> ParseBitrate(std::string_view text) {
  constexpr double kLargest = 1e15;  // fits int64_t
  std::string_view digits = text;
  double unit = 1;
  if (text.ends_with('k') || text.ends_with('K')) {
    unit = 1e3;
  } else if (text.ends_with('M')) {
    unit = 1e6;
  }
  if (unit != 1) {
    digits.remove_suffix(1);
  }
  const auto number = ParseNumber<double>(digits);
  if (!number || std::abs(*number) > kLargest / unit) {
    return Fail("'{}' is not a bitrate, such as 800k or 1.5M", text);
  }
  return static_cast<int64_t>(std::llround(*number * unit));
}

Result<SourceChoice> ParseSource(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string detail(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  const bool is_complete = colon == std::string_view::npos || !detail.empty();
  if (kind == "libcamera" && is_complete) {
    return SourceChoice{SourceChoice::Kind::kLibcamera, detail};
  }
  if (kind == "simulated" && is_complete) {
    return SourceChoice{SourceChoice::Kind::kSimulated, detail};
  }
  return Fail(
      "'{}' is not a source: use libcamera, libcamera:ID, simulated, simulated:SCENARIO.toml or "
      "simulated:RECORDING.y4m",
      text);
}

}  // namespace pistream
