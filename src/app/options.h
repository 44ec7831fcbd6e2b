// The command line and the configuration file: one set of names for both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/base/log.h"
#include "src/base/result.h"
#include "src/media/video_format.h"

namespace pistream {

// Which camera: --source libcamera[:ID] | simulated[:SCENARIO.toml] | simulated:RECORDING.y4m.
struct SourceChoice {
  enum class Kind {
    kAutomatic,  // nothing asked: libcamera if it finds a camera
    kLibcamera,
    kSimulated,
  };
  Kind kind = Kind::kAutomatic;
  std::string detail;  // the camera's ID, or the scenario's or recording's file; empty: none named

  bool operator==(const SourceChoice&) const = default;
};

// The defaults are pistreaming's, so that whoever comes from there sees the same stream.
struct Options {
  SourceChoice source;
  std::string address = "127.0.0.1";
  uint16_t port = 8082;                    // 0: any free one
  std::optional<uint16_t> ws_port = 8084;  // nothing: --ws-port off
  VideoFormat format{.size = {640, 480}, .framerate = {24, 1}};
  int64_t bitrate_bps = 800'000;
  int gop_pictures = 0;  // 0: one second's worth
  bool hflip = false;
  bool vflip = false;
  std::map<std::string, double> controls;  // CameraConfig's
  std::filesystem::path web_root;          // empty: none
  std::vector<std::string> allowed_origins;
  int threads = 1;
  log::Level log_level = log::Level::kInfo;
  bool list_cameras = false;
  bool version = false;
};

// --help was asked for: print this and leave with 0.
struct HelpText {
  std::string text;
};

// Reads the arguments, and the file that --config names; what the command line says goes before
// what the file says. An Error names the option (and file and line) and what it should be.
Result<std::variant<Options, HelpText>> ParseOptions(int argc, const char* const* argv);

// "800k", "1.5M", "800000": bits a second, 50k to 100M (MPEG-1's header tells no more than 104M).
Result<int64_t> ParseBitrate(std::string_view text);

Result<SourceChoice> ParseSource(std::string_view text);

}  // namespace pistream
