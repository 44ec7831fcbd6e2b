#include "src/http/http_message.h"

#include <array>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>
#include <utility>

#include "fmt/format.h"

namespace pistream {

namespace http = boost::beast::http;

std::span<const uint8_t> BytesOf(const HttpBody& body) {
  if (const auto* const text = std::get_if<std::string>(&body)) {
    return {reinterpret_cast<const uint8_t*>(text->data()), text->size()};
  }
  if (const auto* const shared = std::get_if<SharedBytes>(&body)) {
    return shared->bytes;
  }
  return std::get<std::span<const uint8_t>>(body);
}

std::string_view TextOf(const HttpBody& body) {
  const auto bytes = BytesOf(body);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

HttpResponse TextResponse(http::status status, std::string_view line) {
  HttpResponse response;
  response.status = status;
  response.fields.set(http::field::content_type, "text/plain; charset=utf-8");
  response.fields.set(http::field::cache_control, "no-store");
  response.body = std::string(line) + "\n";
  return response;
}

void AddFields(HttpResponse& response, const http::fields& fields) {
  for (const auto& field : fields) {
    if (response.fields.count(field.name_string()) == 0) {
      response.fields.set(field.name_string(), field.value());
    }
  }
}

SerializedResponse Serialize(HttpResponse response, const ResponseFraming& framing,
                             std::time_t now) {
  http::response<http::empty_body> message(response.status, framing.version);
  static_cast<http::fields&>(message.base()) = std::move(response.fields);
  message.set(http::field::date, HttpDate(now));
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Referrer-Policy", "no-referrer");
  const bool is_switching = response.status == http::status::switching_protocols;
  const bool has_body = response.status != http::status::not_modified && !is_switching &&
                        response.status != http::status::no_content;
  if (has_body && framing.length == BodyLength::kKnown) {
    message.content_length(BytesOf(response.body).size());
  } else if (has_body && framing.length == BodyLength::kChunked) {
    message.chunked(true);
  }
  if (!is_switching) {
    message.keep_alive(framing.keep_alive);
  }
  std::ostringstream head;
  head << message.base();
  const bool is_body_sent = has_body && !framing.is_head && framing.length == BodyLength::kKnown;
  return {std::move(head).str(), is_body_sent ? std::move(response.body) : HttpBody()};
}

ChunkFraming FrameChunk(size_t size, bool is_last) {
  constexpr std::string_view kLast = "0\r\n\r\n";
  ChunkFraming framing;
  if (size > 0) {
    framing = {.head = fmt::format("{:x}\r\n", size), .tail = "\r\n"};
  }
  if (is_last) {
    framing.tail += kLast;
  }
  return framing;
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
