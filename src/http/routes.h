// Maps requests to responses.
//
// Every stream NAME has its addresses below /streams/NAME/; those of the first stream are at the
// root as well. All URLs in responses are relative to the URL of the request, so that everything
// works below any path of a proxy.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/http/access_policy.h"
#include "src/http/http_message.h"
#include "src/http/mailbox.h"
#include "src/http/request_target.h"
#include "src/http/routed.h"
#include "src/http/static_files.h"
#include "src/http/task_thread.h"
#include "src/media/video_format.h"

namespace pistream {

struct StreamInfo {
  std::string name;
  Size size;                                    // of the picture
  std::optional<std::string> unhealthy_reason;  // nothing: it is well
};

// Information about the streams for the routes. Thread-safe.
class StreamDirectory {
 public:
  virtual ~StreamDirectory() = default;

  // As they are now, the root's first.
  virtual std::vector<StreamInfo> Streams() const = 0;
};

// The connection that a request came on.
struct RequestContext {
  bool is_classic_port = false;
  std::string local_address;  // of this connection, as in a URL: "192.168.1.7", "[::1]"
};

// A parsed request. Valid only during the call.
struct RouteCall {
  const HttpRequest& request;
  const RequestContext& context;
  const RequestTarget& target;
  const std::vector<StreamInfo>& streams;
  const StreamInfo* stream = nullptr;  // asked for, at the root the first one; null: there is none
  bool is_root = false;                // not below /streams/NAME/
  std::string_view path;               // below the root or /streams/NAME/: "healthz"
};

struct RouteEntry {
  // Below the root and below each stream: "healthz"; with a slash at the end all below it, "api/".
  std::string path;
  // Others get a 405. HEAD is allowed where GET is, and gets GET's response without the body.
  std::vector<boost::beast::http::verb> methods;
  std::function<Routed(const RouteCall&)> handle;
};

struct RoutesConfig {
  uint16_t classic_port = 0;  // told to pages made for pistreaming
  std::vector<std::string> allowed_origins;
  std::function<std::string()> metrics_text;
  const StreamDirectory& streams;  // outlives the routes
  // Of the viewers over HTTP; outlive the routes. Null: there is no such stream.
  Mailboxes* mailboxes = nullptr;
  std::vector<RouteEntry> entries = {};  // besides those of this file, and before files
};

// Immutable: any thread. Outlives the sessions.
class Routes {
 public:
  Routes(StaticFiles files, RoutesConfig config);

  Routed Route(const HttpRequest& request, const RequestContext& context) const;

  // Blocks until what has been deferred so far is responded to. Any thread.
  void AwaitDeferred() const {
    if (file_thread_) {
      file_thread_->AwaitPosted();
    }
  }

 private:
  struct FileRequest;

  Routed RouteTarget(const HttpRequest& request, const RequestContext& context) const;
  Routed RouteStream(RouteCall call) const;
  Routed RouteUpgrade(const RouteCall& call) const;
  Routed RouteHttpStream(const RouteCall& call) const;
  Routed RouteEntryOrFile(const RouteCall& call) const;
  Routed RouteFile(const RouteCall& call) const;
  HttpResponse FileResponse(const FileRequest& file) const;
  HttpResponse Health(const RouteCall& call) const;
  HttpResponse MetricsText() const;
  HttpResponse RefuseOrigin(const HttpRequest& request, std::string_view what) const;

  const StaticFiles files_;
  const AccessPolicy access_;
  const RoutesConfig config_;
  std::vector<RouteEntry> entries_;
  const std::unique_ptr<TaskThread> file_thread_;  // where there is a web root; below what it uses
};

}  // namespace pistream
