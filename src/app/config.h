// What pistream is told to do: one value, validated, comparable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/log.h"
#include "src/base/result.h"
#include "src/camera/camera.h"
#include "src/encode/mpeg1/bitrate.h"
#include "src/http/address_range.h"

namespace pistream {

// Which camera a stream shows.
struct SourceChoice {
  enum class Kind {
    kAutomatic,  // none named: libcamera's first
    kLibcamera,
    kSimulated,
  };
  Kind kind = Kind::kAutomatic;
  std::string detail;  // the camera's ID, or the file of the scenario or recording; empty: none

  bool operator==(const SourceChoice&) const = default;
};

// The name of the stream that the command line or a flat file describes.
inline constexpr std::string_view kOnlyStream = "camera";

inline constexpr size_t kMaximumStreams = 64;
inline constexpr size_t kMaximumStreamName = 32;  // characters
inline constexpr int kMaximumGop = 100'000;       // pictures
inline constexpr int kMaximumThreads = 64;

// The defaults are pistreaming's, so that its users see the same stream.
struct StreamConfig {
  std::string name{kOnlyStream};  // [a-z0-9][a-z0-9_-]{0,31}
  SourceChoice source;
  CameraConfig camera{.format = {.size = {640, 480}, .framerate = {24, 1}}};
  std::optional<int64_t>
      bitrate_bps;                  // kMinimumBitrate to kMaximumBitrate; nothing: DefaultBitrate
  std::optional<int> gop_pictures;  // 1 to kMaximumGop; nothing: one second

  int EffectiveGop() const;          // of the format that is asked for
  int64_t EffectiveBitrate() const;  // the same

  bool operator==(const StreamConfig&) const = default;
};

struct ListenerConfig {
  std::string address = "127.0.0.1";         // IPv4 or IPv6
  uint16_t port = 8082;                      // 0: any free one
  std::optional<uint16_t> ws_port = 8084;    // 0: any free one; nothing: no classic port
  int threads = 1;                           // 1 to kMaximumThreads
  std::filesystem::path web_root;            // a directory; empty: none
  std::vector<std::string> allowed_origins;  // as ParseAllowedOrigin returns them, each once
  std::vector<std::string> host_names;       // as ParseHostName returns them, each once
  std::vector<AddressRange> trusted_proxies;

  bool operator==(const ListenerConfig&) const = default;
};

// Who may watch and control.
struct AuthConfig {
  enum class Mode {
    kAutomatic,  // who has a token, if there are tokens; otherwise everybody
    kTokens,     // who has a token; it does not start without
    kNone,       // everybody
  };
  Mode mode = Mode::kAutomatic;
  std::filesystem::path tokens;  // a file as ReadTokenFile takes it; empty: none

  bool IsForEverybody() const {
    return mode == Mode::kNone || (mode == Mode::kAutomatic && tokens.empty());
  }

  bool operator==(const AuthConfig&) const = default;
};

// How connections are encrypted.
struct TlsConfig {
  // What a client gets that does not use TLS.
  enum class Plain {
    kRedirect,  // the page's address with https; otherwise an error
    kServe,     // the same as all others
  };
  static constexpr std::string_view kSelf = "self";

  // PEM files. Empty: no TLS; kSelf: pistream makes one for itself.
  std::string certificate;
  std::string key;  // empty: in the certificate's file
  Plain plain = Plain::kRedirect;

  bool is_on() const { return !certificate.empty(); }
  bool is_self() const { return certificate == kSelf; }
  bool redirects() const { return is_on() && plain == Plain::kRedirect; }

  bool operator==(const TlsConfig&) const = default;
};

struct Config {
  ListenerConfig listener;
  TlsConfig tls;
  AuthConfig auth;
  std::vector<StreamConfig> streams{1};  // 1 to kMaximumStreams; the first is the root's
  log::Level log_level = log::Level::kInfo;

  bool operator==(const Config&) const = default;
};

// What is wrong with a Config.
struct ConfigFault {
  std::optional<size_t> stream;  // in Config::streams; nothing: the fault is in none of them
  std::string setting;           // its name in the file, such as "bitrate"; empty: several, or none
  std::string message;           // what is wrong and what to do, without a full stop
};

// The first fault of `config`; nothing if it is valid. Opens no camera and no file, but checks
// whether files and directories exist: whether a scenario can be read shows when its source is
// made.
std::optional<ConfigFault> FindFault(const Config& config);

// Lines for the log about what is valid but will disappoint, such as a bitrate that is too low.
std::vector<std::string> Warnings(const Config& config);

}  // namespace pistream
