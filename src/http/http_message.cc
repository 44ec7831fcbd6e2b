#include "src/http/http_message.h"

#include <array>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>
#include <utility>

#include "fmt/format.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

// What the embedded page needs and no more (its WASM decoder and worker, its WebSocket on the same
// port), so that nothing injected into it could reach another host.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "worker-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'";

// Cross-Origin-Opener-Policy and -Embedder-Policy are not among them: browsers ignore those on
// plain HTTP, and say so in the console.
void AddSecurityHeaders(http::fields& fields) {
  if (fields.count("Content-Security-Policy") == 0) {
    fields.set("Content-Security-Policy", kContentSecurityPolicy);
  }
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set("Referrer-Policy", "no-referrer");
  fields.set("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace

std::string_view BytesOf(const HttpBody& body) {
  if (const auto* const text = std::get_if<std::string>(&body)) {
    return *text;
  }
  if (const auto* const shared = std::get_if<std::shared_ptr<const std::string>>(&body)) {
    return **shared;
  }
  const auto bytes = std::get<std::span<const uint8_t>>(body);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

HttpAnswer TextAnswer(http::status status, std::string_view line) {
  HttpAnswer answer;
  answer.status = status;
  answer.fields.set(http::field::content_type, "text/plain; charset=utf-8");
  answer.fields.set(http::field::cache_control, "no-store");
  answer.body = std::string(line) + "\n";
  return answer;
}

SerializedAnswer Serialize(HttpAnswer answer, const AnswerFraming& framing, std::time_t now) {
  http::response<http::empty_body> response(answer.status, framing.version);
  static_cast<http::fields&>(response.base()) = std::move(answer.fields);
  response.set(http::field::date, HttpDate(now));
  AddSecurityHeaders(response.base());
  const bool has_body = answer.status != http::status::not_modified &&
                        answer.status != http::status::switching_protocols;
  if (has_body) {
    response.content_length(BytesOf(answer.body).size());
  }
  if (answer.status != http::status::switching_protocols) {
    response.keep_alive(framing.keep_alive);
  }
  std::ostringstream head;
  head << response.base();
  return {std::move(head).str(), has_body && !framing.head ? std::move(answer.body) : HttpBody()};
}

std::string HttpDate(std::time_t time) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&time, &utc);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

}  // namespace pistream
