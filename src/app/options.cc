#include "src/app/options.h"

#include <charconv>
#include <cmath>
#include <functional>
#include <map>

#include "CLI/CLI.hpp"
#include "src/app/toml_config.h"

namespace pistream {
namespace {

constexpr int64_t kMinimumBitrate = 50'000;
constexpr int64_t kMaximumBitrate = 100'000'000;
constexpr int kMaximumGop = 100'000;
constexpr int kMaximumThreads = 64;

const std::map<std::string_view, log::Level> kLogLevels = {{"debug", log::Level::kDebug},
                                                           {"info", log::Level::kInfo},
                                                           {"warning", log::Level::kWarning},
                                                           {"error", log::Level::kError},
                                                           {"off", log::Level::kOff}};

Result<int> ParseInteger(std::string_view text, int low, int high) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || parsed != end || number < low || number > high) {
    return Fail("'{}' is not a number from {} to {}", text, low, high);
  }
  return number;
}

Result<uint16_t> ParsePort(std::string_view text) {
  return ParseInteger(text, 0, 65535).map([](int port) { return static_cast<uint16_t>(port); });
}

Result<std::optional<uint16_t>> ParseOptionalPort(std::string_view text) {
  if (text == "off") {
    return std::nullopt;
  }
  const auto port = ParsePort(text);
  if (!port) {
    return Fail("'{}' is neither a number from 0 to 65535 nor 'off'", text);
  }
  return *port;
}

Result<log::Level> ParseLogLevel(std::string_view text) {
  const auto found = kLogLevels.find(text);
  if (found == kLogLevels.end()) {
    return Fail("'{}' is none of debug, info, warning, error and off", text);
  }
  return found->second;
}

Result<std::filesystem::path> ParseFolder(std::string_view text) {
  std::error_code unreadable;
  if (!std::filesystem::is_directory(text, unreadable)) {
    return Fail("'{}' is no folder", text);
  }
  return std::filesystem::path(text);
}

// Empty if it is one: scheme and host (RFC 6454, 6.2), as a browser sends it; else what is wrong.
std::string ComplaintAboutOrigin(const std::string& text) {
  const size_t scheme_end = text.find("://");
  const bool has_both = scheme_end != std::string::npos && scheme_end > 0 &&
                        scheme_end + 3 < text.size() && text[scheme_end + 3] != '/';
  return has_both ? "" : fmt::format("'{}' is no origin, such as http://example.org:8080", text);
}

Result<std::pair<std::string, double>> ParseControl(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos && equals > 0) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data() + equals + 1, end, number);
    if (error == std::errc() && parsed == end) {
      return std::pair(std::string(text.substr(0, equals)), number);
    }
  }
  return Fail("'{}' is not NAME=NUMBER, such as Brightness=0.2", text);
}

void AddControls(CLI::App& app, std::map<std::string, double>& controls) {
  const auto take = [&controls](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto control = ParseControl(text);
      if (!control) {
        throw CLI::ValidationError("--control", control.error().message);
      }
      controls.insert_or_assign(control->first, control->second);
    }
  };
  app.add_option_function<std::vector<std::string>>(
         "--control", take,
         "Set one of libcamera's controls of the camera, such as Brightness=0.2; repeatable")
      ->type_name("NAME=NUMBER");
}

// An option whose text `parse` turns into `*value`; its Error becomes the command line's.
template <typename T, typename Parser>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, T* value, Parser parse,
                       const std::string& description) {
  return app.add_option_function<std::string>(
      name,
      [name, value, parse](const std::string& text) {
        auto parsed = parse(text);
        if (!parsed) {
          throw CLI::ValidationError(name, parsed.error().message);
        }
        *value = std::move(*parsed);
      },
      description);
}

void AddStreamOptions(CLI::App& app, Options& options) {
  AddParsed(app, "--source", &options.source, ParseSource,
            "Camera: libcamera[:ID], or simulated[:SCENARIO.toml or :RECORDING.y4m]. Unless given: "
            "libcamera's first")
      ->type_name("SOURCE");
  AddParsed(app, "--size", &options.format.size, ParseSize, "Size of the picture in pixels")
      ->type_name("WxH")
      ->default_str("640x480");
  AddParsed(app, "--framerate", &options.format.framerate, ParseFrameRate, "Frames a second")
      ->type_name("FPS")
      ->default_str("24");
  AddParsed(app, "--bitrate", &options.bitrate_bps, ParseBitrate, "Bits a second: 800k, 1.5M")
      ->type_name("BPS")
      ->default_str("800k");
  AddParsed(
      app, "--gop", &options.gop_pictures,
      [](std::string_view text) { return ParseInteger(text, 1, kMaximumGop); },
      "A whole (I) picture every so many. Unless given: one a second")
      ->type_name("PICTURES");
  app.add_flag("--hflip", options.hflip, "Mirror left and right");
  app.add_flag("--vflip", options.vflip, "Mirror top and bottom");
  AddControls(app, options.controls);
}

void AddServerOptions(CLI::App& app, Options& options) {
  app.add_option("--address", options.address,
                 "Address to listen on. 0.0.0.0: anyone on the network can watch")
      ->type_name("IP")
      ->capture_default_str();
  AddParsed(app, "--port", &options.port, ParsePort, "Page and stream. 0: any free port")
      ->type_name("PORT")
      ->default_str("8082");
  AddParsed(app, "--ws-port", &options.ws_port, ParseOptionalPort,
            "Second port, for pages made for pistreaming. 0: any free port; off: none")
      ->type_name("PORT")
      ->default_str("8084");
  AddParsed(app, "--web-root", &options.web_root, ParseFolder,
            "Serve the files of this folder (8 MiB each at most) before our own")
      ->type_name("DIR");
  app.add_option("--allow-origin", options.allowed_origins,
                 "Let pages of this origin (http://host:port) show the stream; repeatable")
      ->check(&ComplaintAboutOrigin)
      ->type_name("ORIGIN");
  AddParsed(
      app, "--threads", &options.threads,
      [](std::string_view text) { return ParseInteger(text, 1, kMaximumThreads); },
      "Network threads")
      ->type_name("N")
      ->default_str("1");
}

void AddProcessOptions(CLI::App& app, Options& options) {
  app.add_flag("--list-cameras", options.list_cameras, "Print libcamera's cameras and leave")
      ->configurable(false);
  AddParsed(app, "--log-level", &options.log_level, ParseLogLevel,
            "debug, info, warning, error or off")
      ->type_name("LEVEL")
      ->default_str("info");
  app.add_flag("--version", options.version, "Print versions and leave")->configurable(false);
  app.set_config("--config", "", "TOML file with the same names as these options")
      ->type_name("FILE");
}

// One line, whatever CLI11 made of it.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

}  // namespace

Result<int64_t> ParseBitrate(std::string_view text) {
  std::string_view digits = text;
  double unit = 1;
  if (!digits.empty() && (digits.back() == 'k' || digits.back() == 'K')) {
    unit = 1e3;
  } else if (!digits.empty() && digits.back() == 'M') {
    unit = 1e6;
  }
  if (unit != 1) {
    digits.remove_suffix(1);
  }
  double number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, number);
  const double bitrate = number * unit;
  if (error != std::errc() || parsed != end || std::isnan(bitrate) || bitrate < kMinimumBitrate ||
      bitrate > kMaximumBitrate) {
    return Fail("'{}' is not a bitrate from 50k to 100M, such as 800k or 1.5M", text);
  }
  return static_cast<int64_t>(std::llround(bitrate));
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
      "'{}' is neither libcamera, libcamera:ID, simulated nor simulated:FILE, a scenario or a "
      "recording",
      text);
}

Result<std::variant<Options, HelpText>> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Live video from a camera into any browser", "pistream");
  AddStreamOptions(app, options);
  AddServerOptions(app, options);
  AddProcessOptions(app, options);
  app.config_formatter(std::make_shared<TomlConfig>(app));
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return HelpText{app.help()};
  } catch (const CLI::ExtrasError&) {
    return Fail("unknown argument '{}': see pistream --help", OneLine(app.remaining().front()));
  } catch (const CLI::ParseError& error) {
    return Fail("{}", OneLine(error.what()));
  }
  return options;
}

}  // namespace pistream
