#include "src/http/routes.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "src/http/http_stream.h"
#include "src/http/origin.h"
#include "src/http/session_route.h"
#include "src/http/websocket_handshake.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view kStreamsFolder = "/streams/";
constexpr size_t kMaximumLogged = 200;  // of what a client sent

HttpResponse NotFound() {
  return TextResponse(http::status::not_found,
                      "There is nothing at this address. A proxy that adds a path to it, such as "
                      "/cam/, must remove that path again.");
}

HttpResponse Malformed() {
  return TextResponse(http::status::bad_request, "The request is malformed.");
}

HttpResponse UnknownStream(const std::vector<StreamInfo>& streams) {
  std::vector<std::string_view> names;
  std::ranges::transform(streams, std::back_inserter(names),
                         [](const StreamInfo& stream) -> std::string_view { return stream.name; });
  return TextResponse(http::status::not_found,
                      names.empty()
                          ? "There are no streams."
                          : fmt::format("There is no stream of this name. The streams are: {}",
                                        fmt::join(names, ", ")));
}

HttpResponse MethodNotAllowed(std::span<const RouteMethod> methods) {
  std::vector<std::string> names;
  for (const RouteMethod& method : methods) {
    names.emplace_back(http::to_string(method.verb));
    if (method.verb == http::verb::get) {
      names.emplace_back("HEAD");
    }
  }
  const std::string allow = fmt::format("{}", fmt::join(names, ", "));
  const std::string last = names.back();
  names.pop_back();
  HttpResponse response = TextResponse(
      http::status::method_not_allowed,
      names.empty()
          ? fmt::format("Only {} is allowed here.", last)
          : fmt::format("Only {} and {} are allowed here.", fmt::join(names, ", "), last));
  response.fields.set(http::field::allow, allow);
  return response;
}

// Of all that is no RouteEntry.
constexpr std::array<RouteMethod, 1> kGetOnly = {{{http::verb::get, Role::kNone}}};

bool IsAllowedMethod(std::span<const RouteMethod> methods, http::verb method) {
  const http::verb as = method == http::verb::head ? http::verb::get : method;
  return std::ranges::find(methods, as, &RouteMethod::verb) != methods.end();
}

bool IsSafe(http::verb method) { return method == http::verb::get || method == http::verb::head; }

// What proxies lack that put a name of their own in place of the browser's.
constexpr std::string_view kPassHostOn =
    "a proxy must pass on Host (nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost "
    "on)";

// The page shows 200 characters.
std::string OriginRefusal() {
  return fmt::format(
      "Pages of other hosts need the option --allow-origin. If this page is the server's own, {}.",
      kPassHostOn);
}

// `path` is relative to the address of the request, whose query goes along.
HttpResponse RedirectTo(const std::string& path, const RequestTarget& target) {
  HttpResponse response = TextResponse(http::status::moved_permanently, "See " + path);
  response.fields.set(http::field::location, path + target.raw_query);
  return response;
}

HttpResponse UpgradeRequired(std::string_view line) {
  HttpResponse response = TextResponse(http::status::upgrade_required, line);
  response.fields.set(http::field::upgrade, "websocket");
  response.fields.set(http::field::connection, "Upgrade");
  return response;
}

// RFC 9110, 13.1.2: a list of tags, compared weakly, or "*".
bool MatchesEtag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const size_t comma = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view tag = if_none_match.substr(0, comma);
    if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
    tag.remove_prefix(std::min(tag.find_first_not_of(" \t"), tag.size()));
    tag = tag.substr(0, tag.find_last_not_of(" \t") + 1);
    if (tag.starts_with("W/")) {
      tag.remove_prefix(2);
    }
    if (tag == etag || tag == "*") {
      return true;
    }
  }
  return false;
}

std::optional<std::string> FieldOf(const HttpRequest& request, http::field name) {
  const auto found = request.find(name);
  return found == request.end() ? std::nullopt : std::optional<std::string>(found->value());
}

// RFC 9112, 3.2: without it, or with two, nobody knows whom the client meant.
bool HasOneHost(const HttpRequest& request) {
  const size_t count = request.count(http::field::host);
  return count == 1 ? HostOf(request[http::field::host]).has_value()
                    : count == 0 && request.version() < 11;
}

// Of two secrets of a kind, another server before us could have looked at the other one.
bool HasOneSecretOfAKind(const HttpRequest& request, const RequestTarget& target) {
  return request.count(http::field::authorization) <= 1 &&
         std::ranges::count(target.query, "token", &QueryParameter::name) <= 1;
}

// As streams are named. What a stranger asks for is not looked up.
bool IsStreamName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

// RFC 3986, 3.2: of "host:port".
bool HasPort(std::string_view authority) {
  const size_t end_of_address = authority.find(']');
  return authority.find(':', end_of_address == std::string_view::npos ? 0 : end_of_address) !=
         std::string_view::npos;
}

std::string Clipped(std::string_view text) { return std::string(text.substr(0, kMaximumLogged)); }

// At the root or below a stream.
bool AsksForHealth(const HttpRequest& request, std::string_view path) {
  constexpr std::string_view kHealth = "/healthz";
  if (!IsSafe(request.method()) || AsksForWebSocket(request) || !path.ends_with(kHealth)) {
    return false;
  }
  path.remove_suffix(kHealth.size());
  return path.empty() ||
         (path.starts_with(kStreamsFolder) && IsStreamName(path.substr(kStreamsFolder.size())));
}

// A page that came by https sends its log-in without TLS only where a proxy is between.
HttpResponse WarnOfLostTls(HttpResponse response, const RouteCall& call) {
  const bool is_by_https = call.request[http::field::origin].starts_with("https://");
  if (is_by_https && !call.caller.sender().is_secure &&
      response.fields.count(http::field::set_cookie) != 0) {
    response.warning = fmt::format(
        "the cookie for a page over https is not Secure: it needs --trusted-proxy {} and the "
        "proxy's X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme)",
        call.context.peer_address);
  }
  return response;
}

// What all responses to a request have.
void AddFields(Upgrade& upgrade, const http::fields& fields) {
  if (upgrade.mailbox) {
    AddFields(upgrade.response, fields);
  }
}
void AddFields(Deferred& deferred, const http::fields& fields) { deferred.fields = fields; }
void AddFields(Streamed& streamed, const http::fields& fields) {
  AddFields(streamed.response, fields);
}

}  // namespace

// What is needed of a request for a file, after the request has gone.
struct Routes::FileRequest {
  std::string path;
  PageValues values;
  std::optional<std::string> if_none_match;
  std::optional<std::string> if_modified_since;
  std::string page_policy;
  bool is_for_strangers = false;  // not of the web root

  // RFC 9110, 13.2.2: the tag has precedence over the date. Dates are compared as text: browsers
  // send back what they were given.
  bool IsNotModified(const StaticFile& file) const {
    return if_none_match ? MatchesEtag(*if_none_match, file.etag)
                         : if_modified_since == HttpDate(file.modified);
  }
};

const Authentication& Caller::authentication() const {
  if (!authentication_) {
    authentication_ = Authenticate();
  }
  return *authentication_;
}

Authentication Caller::Authenticate() const {
  if (authenticator_ == nullptr) {
    return {.outcome = Authentication::Outcome::kGranted, .role = Role::kControl};
  }
  Credentials given{.authorization = request_[http::field::authorization],
                    .cookies = CookiesOf(request_),
                    .address = sender_.address,
                    .is_of_foreign_page = access_.IsOfForeignPage(request_)};
  if (const std::string* const token = target_.Find("token")) {
    given.query_token = *token;
  }
  return authenticator_->Authenticate(given);
}

Routes::Routes(StaticFiles files, RoutesConfig config)
    : files_(std::move(files)),
      access_(config.allowed_origins),
      config_(std::move(config)),
      entries_(config_.entries) {
  entries_.push_back({.path = "healthz",
                      .methods = {{http::verb::get, Role::kNone}},
                      .handle = [this](const RouteCall& call) { return Health(call); }});
  entries_.push_back({.path = "metrics",
                      .methods = {{http::verb::get, Role::kControl}},
                      .handle = [this](const RouteCall&) { return MetricsText(); }});
  entries_.push_back(
      {.path = "stream", .methods = {{http::verb::get, Role::kView}}, .handle = [](const auto&) {
         return UpgradeRequired(
             "This is live video for WebSocket clients. To watch it, open the page "
             "index.html beside this address.");
       }});
  if (config_.mailboxes != nullptr) {
    entries_.push_back(
        {.path = "stream.v1",
         .methods = {{http::verb::get, Role::kView}, {http::verb::post, Role::kView}},
         .handle = [this](const RouteCall& call) { return RouteHttpStream(call); }});
  }
  if (config_.authenticator != nullptr) {
    entries_.push_back({.path = "session",
                        .methods = {{http::verb::get, Role::kNone},
                                    {http::verb::post, Role::kNone},
                                    {http::verb::delete_, Role::kView}},
                        .handle = [this](const RouteCall& call) { return RouteSession(call); }});
  }
}

Routed Routes::Route(const HttpRequest& request, const RequestContext& context) const {
  const Sender sender =
      SenderOf(request, context.peer_address, context.is_secure, config_.trusted_proxies);
  // RFC 9112, 3.2.2: the target's host counts, and the field is to be ignored.
  const std::optional<std::string_view> host =
      sender.host ? sender.host : AuthorityOf(request.target());
  if (!host || !HasOneHost(request)) {
    return RouteSender(request, context, sender);
  }
  HttpRequest addressed = request;
  addressed.set(http::field::host, *host);
  return RouteSender(addressed, context, sender);
}

// `request` has the Host that the client used, if anybody knows it.
Routed Routes::RouteSender(const HttpRequest& request, const RequestContext& context,
                           const Sender& sender) const {
  Routed routed = RouteTarget(request, context, sender);
  const http::fields fields = access_.HeadersFor(request);
  std::visit([&](auto& result) { AddFields(result, fields); }, routed);
  return routed;
}

Routed Routes::RouteTarget(const HttpRequest& request, const RequestContext& context,
                           const Sender& sender) const {
  if (request.target() == "*") {  // OPTIONS, of the whole server
    return MethodNotAllowed(kGetOnly);
  }
  const auto target = ParseTarget(request.target());
  if (!target || !HasOneHost(request) || !HasOneSecretOfAKind(request, *target)) {
    return Malformed();
  }
  if (auto refusal = RefuseHost(request, sender)) {
    return *std::move(refusal);
  }
  if (auto elsewhere = LeadToTls(request, context, *target, sender)) {
    return *std::move(elsewhere);
  }
  const std::vector<StreamInfo> streams = config_.streams.Streams();
  const Caller caller(config_.authenticator, access_, request, *target, sender);
  RouteCall call{.request = request,
                 .context = context,
                 .target = *target,
                 .caller = caller,
                 .streams = streams,
                 .stream = streams.empty() ? nullptr : streams.data(),
                 .is_root = true,
                 .path = std::string_view(target->path).substr(1)};
  Routed routed = RouteStream(call);
  // Whatever it is: it may tell a right guess from a wrong one.
  if (auto* const response = std::get_if<HttpResponse>(&routed); response && caller.is_guessing()) {
    response->is_held = true;
  }
  return routed;
}

// Sets the stream and the path of `call`.
Routed Routes::RouteStream(RouteCall& call) const {
  const auto match = FindMatch(call);
  if (!match) {
    return NotFound();
  }
  if (auto refusal = Refuse(call, *match)) {
    return *std::move(refusal);
  }
  return Take(call, *match);
}

// Only who opens a page follows a redirect. A proxy that is trusted encrypts or does not, as its
// owner wants. Health is no secret, and asked for by scripts.
std::optional<HttpResponse> Routes::LeadToTls(const HttpRequest& request,
                                              const RequestContext& context,
                                              const RequestTarget& target,
                                              const Sender& sender) const {
  if (!config_.redirects_to_tls || sender.is_secure ||
      IncludeAddress(config_.trusted_proxies, context.peer_address) ||
      (!context.is_classic_port && AsksForHealth(request, target.path))) {
    return std::nullopt;
  }
  const std::string_view host = request[http::field::host];
  const bool is_page = IsAllowedMethod(kGetOnly, request.method()) && !AsksForWebSocket(request) &&
                       request.target().starts_with('/') && !host.empty();
  if (!is_page || context.is_classic_port) {
    return TextResponse(http::status::forbidden,
                        "This server requires TLS: connect with https or wss in place of http or "
                        "ws.");
  }
  HttpResponse response =
      TextResponse(http::status::permanent_redirect, "This server requires TLS: see Location.");
  response.fields.set(http::field::location,
                      fmt::format("https://{}{}{}", host, HasPort(host) ? "" : ":80",
                                  std::string_view(request.target())));
  return response;
}

std::optional<HttpResponse> Routes::RefuseHost(const HttpRequest& request,
                                               const Sender& sender) const {
  const auto host = HostOf(request[http::field::host]);  // nothing: there is none
  if (!host || sender.has_host_of_proxy || config_.hosts.IsOwn(*host)) {
    return std::nullopt;
  }
  const std::string name = Clipped(*host);
  HttpResponse response = TextResponse(
      http::status::misdirected_request,
      fmt::format("This server is not called '{}'. If that is a name of it, add the option "
                  "--host-name {}. Otherwise, {}.",
                  name, name, kPassHostOn));
  response.warning = fmt::format(
      "refused a request for '{}', which is no name of this server: --host-name {} would "
      "make it one; otherwise, {}",
      name, name, kPassHostOn);
  return response;
}

// Sets the stream and the path of `call`.
std::optional<Routes::Match> Routes::FindMatch(RouteCall& call) const {
  const bool is_classic_port = call.context.is_classic_port;
  const std::string_view path = call.target.path;
  if (path == kStreamsFolder.substr(0, kStreamsFolder.size() - 1) && !is_classic_port) {
    return Match{RouteKind::kStreamList};
  }
  if (path.starts_with(kStreamsFolder)) {
    const std::string_view rest = path.substr(kStreamsFolder.size());
    const std::string_view name = rest.substr(0, rest.find('/'));
    call.path = rest.substr(std::min(name.size() + 1, rest.size()));
    if (call.caller.role() != Role::kNone) {
      const auto found = std::ranges::find(call.streams, name, &StreamInfo::name);
      if (found == call.streams.end()) {
        return Match{RouteKind::kStreamList};
      }
      call.stream = &*found;
      call.is_root = false;
    } else if (!IsStreamName(name)) {
      return Match{RouteKind::kStreamList};
    }
  }
  if (AsksForWebSocket(call.request)) {
    if (call.path != "stream" && !call.path.empty() && !is_classic_port) {
      return std::nullopt;
    }
    return Match{call.stream == nullptr ? RouteKind::kStreamList : RouteKind::kWebSocket};
  }
  return is_classic_port ? Match{RouteKind::kClassicPage} : FindInFolder(call);
}

Routes::Match Routes::FindInFolder(const RouteCall& call) const {
  if (call.path.empty()) {
    return {RouteKind::kFolder};
  }
  const auto entry = std::ranges::find_if(entries_, [&](const RouteEntry& candidate) {
    return call.path == candidate.path ||
           (candidate.path.ends_with('/') && call.path.starts_with(candidate.path));
  });
  return entry == entries_.end() ? Match{RouteKind::kFile} : Match{RouteKind::kEntry, &*entry};
}

std::optional<HttpResponse> Routes::Refuse(const RouteCall& call, const Match& match) const {
  const http::verb verb = call.request.method();
  const std::span<const RouteMethod> methods = match.entry != nullptr
                                                   ? std::span(match.entry->methods)
                                                   : std::span<const RouteMethod>(kGetOnly);
  if (match.kind == RouteKind::kWebSocket) {
    if (auto refusal = RefuseHandshake(call)) {
      return refusal;
    }
  } else if (match.kind != RouteKind::kStreamList && !IsAllowedMethod(methods, verb)) {
    return MethodNotAllowed(methods);
  } else if (!IsSafe(verb) && !access_.MayWatch(call.request)) {
    return RefuseOrigin(call.request, fmt::format("{} {}", std::string_view(http::to_string(verb)),
                                                  Clipped(call.path)));
  }
  const Role needed = NeededRole(match.kind, verb, methods);
  if (needed == Role::kNone || Includes(call.caller.role(), needed)) {
    return std::nullopt;
  }
  return RefuseRole(call.caller.authentication());
}

std::optional<HttpResponse> Routes::RefuseHandshake(const RouteCall& call) const {
  const HttpRequest& request = call.request;
  if (auto fault = FindHandshakeFault(request)) {
    fault->warning = fmt::format("refused a WebSocket handshake (origin '{}', host '{}'): {}",
                                 Clipped(request[http::field::origin]),
                                 Clipped(request[http::field::host]), TextOf(fault->body));
    fault->warning.pop_back();  // the end of the line
    return fault;
  }
  if (!access_.MayWatch(request)) {
    return RefuseOrigin(request, "a WebSocket");
  }
  return std::nullopt;
}

Routed Routes::Take(const RouteCall& call, const Match& match) const {
  switch (match.kind) {
    case RouteKind::kWebSocket:
      return BecomeViewer(call);
    case RouteKind::kClassicPage:
      return UpgradeRequired(
          "This port has live video for WebSocket clients made for pistreaming. To watch it, open "
          "the page of the server's other port.");
    case RouteKind::kStreamList:
      return UnknownStream(call.streams);
    case RouteKind::kFolder:
    case RouteKind::kFile:
      return RouteFile(call);
    case RouteKind::kEntry:
      break;
  }
  return match.entry->handle(call);
}

Routed Routes::BecomeViewer(const RouteCall& call) const {
  const bool is_stream = call.path == "stream" && !call.context.is_classic_port;
  const bool is_v1 = is_stream && OffersSubprotocol(call.request, kPictureHeaderSubprotocol);
  return Upgrade{.response = AcceptHandshake(call.request, is_v1 ? kPictureHeaderSubprotocol : ""),
                 .stream = call.stream->name,
                 .protocol = is_v1       ? StreamProtocol::kV1
                             : is_stream ? StreamProtocol::kPlain
                                         : StreamProtocol::kClassic,
                 .credential = call.caller.authentication().credential};
}

Routed Routes::RouteSession(const RouteCall& call) const {
  Authenticator& authenticator = *config_.authenticator;
  const Sender& sender = call.caller.sender();
  switch (call.request.method()) {
    case http::verb::post:
      return WarnOfLostTls(LogIn(call.request, sender, authenticator), call);
    case http::verb::delete_:
      break;
    default:
      return DescribeSession(call.caller.role(), authenticator.is_open());
  }
  if (call.target.Find("everywhere") == nullptr) {
    return LogOut(sender, authenticator);
  }
  // A memory card may take its time: not on a thread that sends video.
  return Deferred{
      .start = [this, &authenticator, sender, role = call.caller.role()](const Responder& respond) {
        FileThread().Post([this, &authenticator, sender, role, respond] {
          HttpResponse response = LogOutEverywhere(sender, role, authenticator);
          config_.on_sessions_ended();
          respond(std::move(response));
        });
      }};
}

Routed Routes::RouteHttpStream(const RouteCall& call) const {
  if (call.stream == nullptr) {
    return UnknownStream(call.streams);
  }
  if (!access_.MayWatch(call.request)) {
    return RefuseOrigin(call.request, "the stream over HTTP");
  }
  if (call.request.method() == http::verb::post) {
    return TakeControlMessages(call.request, call.target, *config_.mailboxes);
  }
  return BeginHttpStream(call.request, call.stream->name, *config_.mailboxes,
                         call.caller.authentication().credential);
}

HttpResponse Routes::RefuseOrigin(const HttpRequest& request, std::string_view what) const {
  const std::string sent = Clipped(request[http::field::origin]);
  const auto origin = OriginOf(sent);
  HttpResponse response = TextResponse(http::status::forbidden, OriginRefusal());
  response.warning = fmt::format("refused {} to a page of another host (origin '{}', host '{}')",
                                 what, sent, Clipped(request[http::field::host]));
  if (origin) {
    response.warning +=
        fmt::format(": --allow-origin {} would let it watch; if it is this server's own page, {}",
                    *origin, kPassHostOn);
  }
  return response;
}

Routed Routes::RouteFile(const RouteCall& call) const {
  if (!call.target.path.ends_with('/') && call.path.empty()) {  // /streams/NAME
    const std::string_view name = std::string_view(call.target.path).substr(kStreamsFolder.size());
    return RedirectTo(std::string(name) + "/", call.target);
  }
  if ((call.path.empty() || call.path == "index.html") && call.target.Find("action") != nullptr) {
    return TextResponse(http::status::not_found,
                        "pistream has no MJPEG stream (?action=). Open index.html, or connect a "
                        "WebSocket to 'stream'.");
  }
  if (call.path.empty()) {
    return RedirectTo("index.html", call.target);
  }
  const HttpRequest& request = call.request;
  FileRequest file{
      .path = "/" + std::string(call.path),
      .values = {.host = HostOf(request[http::field::host]).value_or(call.context.local_address),
                 .ws_port = config_.classic_port,
                 .path = call.is_root ? "" : std::string(kStreamsFolder) + call.stream->name,
                 .size = call.stream != nullptr ? call.stream->size : Size{}},
      .if_none_match = FieldOf(request, http::field::if_none_match),
      .if_modified_since = FieldOf(request, http::field::if_modified_since),
      .page_policy = access_.PagePolicyFor(request),
      .is_for_strangers = !files_.has_web_root() || call.caller.role() == Role::kNone};
  if (file.is_for_strangers) {
    auto response = FileResponse(file);
    const bool may_be_in_web_root =
        files_.has_web_root() && response.status == http::status::not_found;
    return may_be_in_web_root ? RefuseRole(call.caller.authentication()) : std::move(response);
  }
  // A memory card may take its time: not on a thread that sends video.
  return Deferred{.start = [this, file = std::move(file)](const Responder& respond) {
    FileThread().Post([this, file, respond] { respond(FileResponse(file)); });
  }};
}

TaskThread& Routes::FileThread() const {
  const MutexLock lock(mutex_);
  if (!file_thread_) {
    file_thread_ = std::make_unique<TaskThread>("files");
  }
  return *file_thread_;
}

void Routes::AwaitDeferred() const {
  TaskThread* thread = nullptr;
  {
    const MutexLock lock(mutex_);
    thread = file_thread_.get();
  }
  if (thread != nullptr) {
    thread->AwaitPosted();
  }
}

HttpResponse Routes::FileResponse(const FileRequest& request) const {
  auto file = request.is_for_strangers ? files_.FindEmbedded(request.path)
                                       : files_.Find(request.path, request.values);
  if (!file) {
    return NotFound();
  }
  HttpResponse response;
  response.fields.set(http::field::etag, file->etag);
  response.fields.set(http::field::last_modified, HttpDate(file->modified));
  response.fields.set(http::field::cache_control, "no-cache");  // kept, but asked about each time
  // The owner's own pages get none: pistreaming's have their script and style in the page, and
  // their WebSocket on another port; and where they may be shown is the owner's business.
  if (file->is_embedded) {
    response.fields.set("Content-Security-Policy", request.page_policy);
  }
  if (request.IsNotModified(*file)) {
    response.status = http::status::not_modified;
    return response;
  }
  response.fields.set(http::field::content_type, file->content_type);
  response.body = std::move(file->body);
  return response;
}

// Browsers hide from a page why its WebSocket was refused, and send no Origin with this request:
// the page names its own in the query.
HttpResponse Routes::Health(const RouteCall& call) const {
  const std::string* const origin = call.target.Find("origin");
  if (origin != nullptr && !access_.IsAllowed(*origin, call.request)) {
    return TextResponse(http::status::forbidden, OriginRefusal());
  }
  std::vector<std::string> lines;
  for (const StreamInfo& stream : call.streams) {
    const bool is_asked_for = call.is_root || &stream == call.stream;
    if (is_asked_for && stream.unhealthy_reason) {
      const bool is_one = !call.is_root || call.streams.size() == 1;
      lines.push_back(is_one ? *stream.unhealthy_reason
                             : stream.name + ": " + *stream.unhealthy_reason);
    }
  }
  if (lines.empty()) {
    return TextResponse(http::status::ok, "ok");
  }
  return TextResponse(http::status::service_unavailable,
                      Includes(call.caller.role(), Role::kView)
                          ? fmt::format("{}", fmt::join(lines, "\n"))
                          : "A camera gives no pictures. Who has logged in is told the reason.");
}

HttpResponse Routes::MetricsText() const {
  HttpResponse response = TextResponse(http::status::ok, "");
  response.fields.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
  response.body = config_.metrics_text();
  return response;
}

}  // namespace pistream
