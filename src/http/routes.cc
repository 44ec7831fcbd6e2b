#include "src/http/routes.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "src/http/http_stream.h"
#include "src/http/origin.h"
#include "src/http/websocket_handshake.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view kStreamsFolder = "/streams/";
constexpr size_t kMaximumLogged = 200;  // of what a client sent

HttpResponse NotFound() {
  return TextResponse(http::status::not_found, "There is nothing at this address.");
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

HttpResponse MethodNotAllowed(const std::vector<http::verb>& methods) {
  std::vector<std::string> names;
  for (const http::verb method : methods) {
    names.emplace_back(http::to_string(method));
    if (method == http::verb::get) {
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

bool IsAllowedMethod(const std::vector<http::verb>& methods, http::verb method) {
  const http::verb as = method == http::verb::head ? http::verb::get : method;
  return std::ranges::find(methods, as) != methods.end() ||
         std::ranges::find(methods, method) != methods.end();
}

constexpr std::string_view kOriginRefusal =
    "Pages of other hosts may not watch, unless the server's option --allow-origin allows them.";

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
// An empty one is for a target that has no host.
bool HasOneHost(const HttpRequest& request) {
  const size_t count = request.count(http::field::host);
  const std::string_view host = request[http::field::host];
  return count == 1 ? host.empty() || HostOf(host).has_value()
                    : count == 0 && request.version() < 11;
}

std::string Clipped(std::string_view text) { return std::string(text.substr(0, kMaximumLogged)); }

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

  // RFC 9110, 13.2.2: the tag has precedence over the date. Dates are compared as text: browsers
  // send back what they were given.
  bool IsNotModified(const StaticFile& file) const {
    return if_none_match ? MatchesEtag(*if_none_match, file.etag)
                         : if_modified_since == HttpDate(file.modified);
  }
};

Routes::Routes(StaticFiles files, RoutesConfig config)
    : files_(std::move(files)),
      access_(config.allowed_origins),
      config_(std::move(config)),
      entries_(config_.entries),
      file_thread_(files_.has_web_root() ? std::make_unique<TaskThread>("files") : nullptr) {
  entries_.push_back({.path = "healthz",
                      .methods = {http::verb::get},
                      .handle = [this](const RouteCall& call) { return Health(call); }});
  entries_.push_back({.path = "metrics",
                      .methods = {http::verb::get},
                      .handle = [this](const RouteCall&) { return MetricsText(); }});
  entries_.push_back({.path = "stream", .methods = {http::verb::get}, .handle = [](const auto&) {
                        return UpgradeRequired(
                            "This is live video for WebSocket clients. To watch it, open the page "
                            "index.html beside this address.");
                      }});
  if (config_.mailboxes != nullptr) {
    entries_.push_back({.path = "stream.v1",
                        .methods = {http::verb::get, http::verb::post},
                        .handle = [this](const RouteCall& call) { return RouteHttpStream(call); }});
  }
}

Routed Routes::Route(const HttpRequest& request, const RequestContext& context) const {
  Routed routed = RouteTarget(request, context);
  const http::fields fields = access_.HeadersFor(request);
  std::visit([&](auto& result) { AddFields(result, fields); }, routed);
  return routed;
}

Routed Routes::RouteTarget(const HttpRequest& request, const RequestContext& context) const {
  if (request.target() == "*") {  // OPTIONS, of the whole server
    return MethodNotAllowed({http::verb::get});
  }
  const auto target = ParseTarget(request.target());
  if (!target || !HasOneHost(request)) {
    return Malformed();
  }
  const std::vector<StreamInfo> streams = config_.streams.Streams();
  return RouteStream({.request = request,
                      .context = context,
                      .target = *target,
                      .streams = streams,
                      .stream = streams.empty() ? nullptr : streams.data(),
                      .is_root = true,
                      .path = std::string_view(target->path).substr(1)});
}

Routed Routes::RouteStream(RouteCall call) const {
  const std::string_view path = call.target.path;
  bool is_folder = true;  // not its name without the slash at the end
  if (path == kStreamsFolder.substr(0, kStreamsFolder.size() - 1) &&
      !call.context.is_classic_port) {
    return UnknownStream(call.streams);
  }
  if (path.starts_with(kStreamsFolder)) {
    const std::string_view rest = path.substr(kStreamsFolder.size());
    const size_t name_end = std::min(rest.find('/'), rest.size());
    const auto found = std::ranges::find(call.streams, rest.substr(0, name_end), &StreamInfo::name);
    if (found == call.streams.end()) {
      return UnknownStream(call.streams);
    }
    is_folder = name_end < rest.size();
    call.stream = &*found;
    call.is_root = false;
    call.path = rest.substr(std::min(name_end + 1, rest.size()));
  }
  if (AsksForWebSocket(call.request)) {
    return RouteUpgrade(call);
  }
  if (!is_folder) {
    return RedirectTo(call.stream->name + "/", call.target);
  }
  return RouteEntryOrFile(call);
}

Routed Routes::RouteUpgrade(const RouteCall& call) const {
  const HttpRequest& request = call.request;
  const bool is_stream = call.path == "stream" && !call.context.is_classic_port;
  if (!is_stream && !call.path.empty() && !call.context.is_classic_port) {
    return NotFound();
  }
  if (call.stream == nullptr) {
    return UnknownStream(call.streams);
  }
  if (auto fault = FindHandshakeFault(request)) {
    fault->warning = fmt::format("refused a WebSocket handshake (origin '{}', host '{}'): {}",
                                 Clipped(request[http::field::origin]),
                                 Clipped(request[http::field::host]), TextOf(fault->body));
    fault->warning.pop_back();  // the end of the line
    return *std::move(fault);
  }
  if (!access_.MayWatch(request)) {
    return RefuseOrigin(request, "a WebSocket");
  }
  const bool is_v1 = is_stream && OffersSubprotocol(request, kPictureHeaderSubprotocol);
  return Upgrade{.response = AcceptHandshake(request, is_v1 ? kPictureHeaderSubprotocol : ""),
                 .stream = call.stream->name,
                 .protocol = is_v1       ? StreamProtocol::kV1
                             : is_stream ? StreamProtocol::kPlain
                                         : StreamProtocol::kClassic};
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
  return BeginHttpStream(call.request, call.stream->name, *config_.mailboxes);
}

HttpResponse Routes::RefuseOrigin(const HttpRequest& request, std::string_view what) const {
  const std::string sent = Clipped(request[http::field::origin]);
  const auto origin = OriginOf(sent);
  HttpResponse response = TextResponse(http::status::forbidden, kOriginRefusal);
  response.warning = fmt::format("refused {} to a page of another host (origin '{}', host '{}')",
                                 what, sent, Clipped(request[http::field::host]));
  if (origin) {
    response.warning += ": --allow-origin " + *origin + " would let it watch";
  }
  return response;
}

Routed Routes::RouteEntryOrFile(const RouteCall& call) const {
  const http::verb method = call.request.method();
  const auto is_meant = [&](const RouteEntry& entry) {
    return call.path == entry.path ||
           (entry.path.ends_with('/') && call.path.starts_with(entry.path));
  };
  const auto entry = std::ranges::find_if(entries_, is_meant);
  const bool is_entry = entry != entries_.end() && !call.context.is_classic_port;
  const std::vector<http::verb> methods = is_entry ? entry->methods : std::vector{http::verb::get};
  if (!IsAllowedMethod(methods, method)) {
    return MethodNotAllowed(methods);
  }
  if (call.context.is_classic_port) {
    return UpgradeRequired(
        "This port has live video for WebSocket clients made for pistreaming. To watch it, open "
        "the page of the server's other port.");
  }
  return is_entry ? entry->handle(call) : RouteFile(call);
}

Routed Routes::RouteFile(const RouteCall& call) const {
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
      .page_policy = access_.PagePolicyFor(request)};
  if (!file_thread_) {
    return FileResponse(file);
  }
  // A memory card may take its time: not on a thread that sends video.
  return Deferred{.start = [this, file = std::move(file)](const Responder& respond) {
    file_thread_->Post([this, file, respond] { respond(FileResponse(file)); });
  }};
}

HttpResponse Routes::FileResponse(const FileRequest& request) const {
  auto file = files_.Find(request.path, request.values);
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
    return TextResponse(http::status::forbidden, kOriginRefusal);
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
  return lines.empty() ? TextResponse(http::status::ok, "ok")
                       : TextResponse(http::status::service_unavailable,
                                      fmt::format("{}", fmt::join(lines, "\n")));
}

HttpResponse Routes::MetricsText() const {
  HttpResponse response = TextResponse(http::status::ok, "");
  response.fields.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
  response.body = config_.metrics_text();
  return response;
}

}  // namespace pistream
