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
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/authenticator.h"
#include "src/auth/role.h"
#include "src/base/mutex.h"
#include "src/http/access_policy.h"
#include "src/http/address_range.h"
#include "src/http/forwarded.h"
#include "src/http/host_policy.h"
#include "src/http/http_message.h"
#include "src/http/mailbox.h"
#include "src/http/request_target.h"
#include "src/http/route_roles.h"
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
  std::string local_address;      // of this connection, as in a URL: "192.168.1.7", "[::1]"
  std::string peer_address = {};  // "192.168.1.8", "::1"
  bool is_secure = false;         // by TLS
};

// Who sent a request. The secrets are looked at when somebody asks, once. What is the same for all
// does not ask, so that a password that is meant for a proxy is not taken for a wrong token there.
class Caller {
 public:
  // Null: everybody may do everything. All outlive it.
  Caller(Authenticator* authenticator, const AccessPolicy& access, const HttpRequest& request,
         const RequestTarget& target, const Sender& sender)
      : authenticator_(authenticator),
        access_(access),
        request_(request),
        target_(target),
        sender_(sender) {}

  const Sender& sender() const { return sender_; }
  const Authentication& authentication() const;
  Role role() const { return authentication().role; }
  // Whether somebody has asked, and too many secrets were wrong.
  bool is_guessing() const {
    return authentication_ && authentication_->outcome == Authentication::Outcome::kTooMany;
  }

 private:
  Authentication Authenticate() const;

  Authenticator* const authenticator_;
  const AccessPolicy& access_;
  const HttpRequest& request_;
  const RequestTarget& target_;
  const Sender& sender_;
  mutable std::optional<Authentication> authentication_;
};

// A parsed request. Valid only during the call.
struct RouteCall {
  const HttpRequest& request;
  const RequestContext& context;
  const RequestTarget& target;
  const Caller& caller;
  // A stranger is not told which streams there are: for him, all are the first one.
  const std::vector<StreamInfo>& streams;
  const StreamInfo* stream = nullptr;  // asked for, at the root the first one; null: there is none
  bool is_root = false;                // not below /streams/NAME/
  std::string_view path;               // below the root or /streams/NAME/: "healthz"
};

struct RouteEntry {
  // Below the root and below each stream: "healthz"; with a slash at the end all below it, "api/".
  std::string path;
  // Others get a 405. HEAD is allowed where GET is, and gets GET's response without the body.
  std::vector<RouteMethod> methods;
  // Called for who has the role of the method. Others than GET and HEAD come from allowed origins.
  std::function<Routed(const RouteCall&)> handle;
};

struct RoutesConfig {
  uint16_t classic_port = 0;  // told to pages made for pistreaming
  std::vector<std::string> allowed_origins;
  HostPolicy hosts;
  std::vector<AddressRange> trusted_proxies = {};
  // Clients without TLS are redirected, or refused. Not the trusted proxies', nor their own.
  bool redirects_to_tls = false;
  Authenticator* authenticator = nullptr;  // null: everybody may do everything; outlives the routes
  // Called when sessions have ended everywhere, on any thread.
  std::function<void()> on_sessions_ended = [] {};
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

  // Whether a connection from `address` is no single client's.
  bool IsTrustedProxy(std::string_view address) const {
    return IncludeAddress(config_.trusted_proxies, address);
  }

  // All of them: those of the configuration first.
  std::span<const RouteEntry> entries() const { return entries_; }

  // Blocks until what has been deferred so far is responded to. Any thread.
  void AwaitDeferred() const;

 private:
  struct FileRequest;
  // What a request is for. Nothing in particular: there is nothing.
  struct Match {
    RouteKind kind = RouteKind::kFile;
    const RouteEntry* entry = nullptr;  // of kEntry
  };

  Routed RouteSender(const HttpRequest& request, const RequestContext& context,
                     const Sender& sender) const;
  Routed RouteTarget(const HttpRequest& request, const RequestContext& context,
                     const Sender& sender) const;
  Routed RouteStream(RouteCall& call) const;
  std::optional<HttpResponse> RefuseHost(const HttpRequest& request, const Sender& sender) const;
  std::optional<HttpResponse> LeadToTls(const HttpRequest& request, const RequestContext& context,
                                        const RequestTarget& target, const Sender& sender) const;
  std::optional<Match> FindMatch(RouteCall& call) const;
  Match FindInFolder(const RouteCall& call) const;
  std::optional<HttpResponse> Refuse(const RouteCall& call, const Match& match) const;
  std::optional<HttpResponse> RefuseHandshake(const RouteCall& call) const;
  Routed Take(const RouteCall& call, const Match& match) const;

  Routed BecomeViewer(const RouteCall& call) const;
  Routed RouteHttpStream(const RouteCall& call) const;
  Routed RouteSession(const RouteCall& call) const;
  Routed RouteFile(const RouteCall& call) const;
  TaskThread& FileThread() const;
  HttpResponse FileResponse(const FileRequest& file) const;
  HttpResponse Health(const RouteCall& call) const;
  HttpResponse MetricsText() const;
  HttpResponse RefuseOrigin(const HttpRequest& request, std::string_view what) const;

  const StaticFiles files_;
  const AccessPolicy access_;
  const RoutesConfig config_;
  std::vector<RouteEntry> entries_;
  mutable Mutex mutex_;
  // Made when it is first needed; below what it uses.
  mutable std::unique_ptr<TaskThread> file_thread_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
