#include "src/http/http_stream.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "src/http/text.h"
#include "src/wire/utf8.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view kSessionField = "Pistream-Session";
constexpr std::string_view kClientField = "Pistream-Client";

HttpResponse StreamHead() {
  HttpResponse response;
  response.fields.set(http::field::content_type, "application/octet-stream");
  response.fields.set(http::field::cache_control, "no-store");
  response.fields.set("X-Accel-Buffering", "no");  // nginx would keep pictures back
  response.fields.set("Access-Control-Expose-Headers", kSessionField);
  return response;
}

// text/plain needs no CORS preflight, and is what fetch() sends for a string.
bool IsText(const HttpRequest& request) {
  std::string_view type = request[http::field::content_type];
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) {
    type.remove_suffix(1);
  }
  const std::string lower = LowerCase(type);
  return lower.empty() || lower == "text/plain";
}

bool IsUtf8(std::string_view text) {
  wire::Utf8Checker checker;
  return std::ranges::all_of(text, [&](char c) { return checker.Add(static_cast<uint8_t>(c)); }) &&
         checker.IsComplete();
}

// One a line.
std::vector<std::string> MessagesIn(std::string_view body) {
  std::vector<std::string> messages;
  while (!body.empty()) {
    const size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (!line.empty()) {
      messages.emplace_back(line);
    }
  }
  return messages;
}

}  // namespace

Routed BeginHttpStream(const HttpRequest& request, const std::string& stream, Mailboxes& mailboxes,
                       CredentialId credential) {
  // An image or a link of any site gets here without Origin, but not with a field of its own.
  if (request.count(http::field::origin) == 0 && request.count(kClientField) == 0) {
    return TextResponse(http::status::forbidden,
                        "Without Origin, the request must have the header 'Pistream-Client: 1'. To "
                        "watch this stream, open the page index.html beside this address.");
  }
  HttpResponse response = StreamHead();
  if (request.method() == http::verb::head) {
    return Streamed{.response = std::move(response), .source = nullptr};
  }
  const std::shared_ptr<Mailbox> mailbox = mailboxes.Make();
  response.fields.set(kSessionField, mailbox->name());
  // A client of HTTP/1.0, such as nginx as it is set up by default, gets the same without chunks.
  const bool is_chunked = request.version() >= 11;
  return Upgrade{.response = std::move(response),
                 .stream = stream,
                 .protocol = is_chunked ? StreamProtocol::kV1Chunked : StreamProtocol::kV1,
                 .length = is_chunked ? BodyLength::kChunked : BodyLength::kUntilClose,
                 .mailbox = mailbox,
                 .credential = credential};
}

HttpResponse TakeControlMessages(const HttpRequest& request, const RequestTarget& target,
                                 Mailboxes& mailboxes) {
  const std::string* const name = target.Find("session");
  if (name == nullptr) {
    return TextResponse(http::status::bad_request,
                        "The query must name the viewer: ?session=, as in the header "
                        "Pistream-Session of its stream.");
  }
  if (!IsText(request)) {
    return TextResponse(http::status::unsupported_media_type, "Control messages are text/plain.");
  }
  std::vector<std::string> messages = MessagesIn(request.body());
  if (messages.empty() || !IsUtf8(request.body())) {
    return TextResponse(http::status::bad_request,
                        "The body must be control messages in UTF-8, one a line.");
  }
  const std::shared_ptr<Mailbox> mailbox = mailboxes.Find(*name);
  if (!mailbox || !mailbox->Put(std::move(messages))) {
    return TextResponse(http::status::not_found, "There is no such session, or it has ended.");
  }
  HttpResponse response{.status = http::status::no_content};
  response.fields.set(http::field::cache_control, "no-store");
  return response;
}

}  // namespace pistream
