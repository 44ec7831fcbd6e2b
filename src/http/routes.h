// Which request gets which answer: design's table. Pure but for reading files of the web root.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/http/http_message.h"
#include "src/http/static_files.h"
#include "src/media/video_format.h"

namespace pistream {

// How a viewer wants its pictures.
struct ViewerKind {
  bool is_classic = false;           // asked for at "/": a player made for pistreaming
  bool has_picture_headers = false;  // speaks pistream.v1
};

// Through which door a request came, and what is on at the moment.
struct RequestContext {
  bool is_classic_port = false;
  std::string local_address;  // of this connection, as in a URL: "192.168.1.7", "[::1]"
  Size size;                  // of the picture
};

struct Routed {
  HttpAnswer answer;
  std::optional<ViewerKind> viewer;  // with a 101: what the connection becomes
};

struct RoutesConfig {
  uint16_t classic_port = 0;  // told to pages made for pistreaming
  std::vector<std::string> allowed_origins;
  std::function<std::string()> metrics_text;
  std::function<std::optional<std::string>()> trouble;
};

// Immutable: any thread.
class Routes {
 public:
  Routes(StaticFiles files, RoutesConfig config);

  Routed Route(const HttpRequest& request, const RequestContext& context) const;

 private:
  Routed RouteUpgrade(const HttpRequest& request, const std::string& path,
                      const RequestContext& context) const;
  HttpAnswer AnswerGet(const HttpRequest& request, const std::string& path,
                       const RequestContext& context) const;
  HttpAnswer AnswerFile(const HttpRequest& request, const std::string& path,
                        const RequestContext& context) const;
  HttpAnswer AnswerHealth() const;

  const StaticFiles files_;
  const RoutesConfig config_;
};

}  // namespace pistream
