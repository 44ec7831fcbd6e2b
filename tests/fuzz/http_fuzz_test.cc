// The HTTP path from a connection's bytes to the bytes of its answers: parser, routes, handshake,
// control messages. However a client's bytes are cut into pieces, it gets the same. The first byte
// chooses the size of the pieces and the port.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/http/http_message.h"
#include "src/http/request_reader.h"
#include "src/http/routes.h"
#include "src/viewer/control_message.h"
#include "tests/support/requests.h"

namespace {

using namespace pistream;

constexpr std::string_view kPage = "<!doctype html>";

const Routes& TheRoutes() {
  static const FakeStreamDirectory directory(
      {{"camera", {64, 48}, std::nullopt}, {"door", {64, 48}, "the camera was lost"}});
  static const Asset assets[] = {
      {"/index.html", "text/html", {reinterpret_cast<const uint8_t*>(kPage.data()), kPage.size()}}};
  static const Routes routes(*StaticFiles::Make(assets, {}, 0),
                             {.classic_port = 8084,
                              .allowed_origins = {"http://a.example"},
                              .hosts = HostPolicy({"a", "pi"}),
                              .metrics_text = [] { return std::string("metrics"); },
                              .streams = directory});
  return routes;
}

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// The bytes of the response to a request; `goes_on` says whether more requests can follow.
std::string Respond(const RequestReader& reader, bool is_classic_port, bool& goes_on) {
  const HttpRequest& request = reader.request();
  Routed routed = TheRoutes().Route(
      request, {.is_classic_port = is_classic_port, .local_address = "127.0.0.1"});
  auto* const upgrade = std::get_if<Upgrade>(&routed);
  HttpResponse response =
      upgrade != nullptr ? std::move(upgrade->response) : std::get<HttpResponse>(std::move(routed));
  Require((upgrade != nullptr) == (static_cast<int>(response.status) == 101));
  const SerializedResponse serialized =
      Serialize(std::move(response),
                {.version = request.version(), .keep_alive = false, .is_head = false}, 0);
  // What a client sent must not end the head early, nor add a line to it.
  Require(serialized.head.find("\r\n\r\n") == serialized.head.size() - 4);
  goes_on = upgrade == nullptr;
  return serialized.head + std::string(TextOf(serialized.body));
}

// Everything that is sent to a client that sends `bytes` in pieces of `piece` bytes, and how it
// ends.
std::string Converse(std::string_view bytes, size_t piece, bool is_classic_port) {
  std::string sent;
  RequestReader reader;
  while (!bytes.empty()) {
    reader.Append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    RequestReader::Status status = reader.Next();
    for (; status == RequestReader::Status::kRequest; status = reader.Next()) {
      bool goes_on = false;
      sent += Respond(reader, is_classic_port, goes_on);
      if (!goes_on) {
        return sent + "|viewer|" + reader.TakeRest() + std::string(bytes);
      }
    }
    if (status == RequestReader::Status::kError) {
      return sent + Serialize(TextResponse(reader.error(), "error"), {}, 0).head;
    }
  }
  return sent + (reader.is_within_request() ? "|within a request" : "|between requests");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t piece = 1 + (data[0] >> 1);
  const bool is_classic_port = (data[0] & 1) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  ParseControlMessage(bytes);
  const std::string whole = Converse(bytes, std::max<size_t>(bytes.size(), 1), is_classic_port);
  Require(Converse(bytes, piece, is_classic_port) == whole);
  Require(Converse(bytes, 1, is_classic_port) == whole);
  return 0;
}
