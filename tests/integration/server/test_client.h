// A client over a blocking socket, plain or with TLS: sends any bytes at all, reads what comes
// back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "openssl/ssl.h"
#include "tests/support/tls_client.h"

namespace pistream {

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;
};

struct ReceivedFrame {
  int opcode = 0;
  std::string payload;

  // Of a close frame; 0 if it has none.
  int close_code() const;
};

inline constexpr int kTextFrame = 1;
inline constexpr int kBinaryFrame = 2;
inline constexpr int kCloseFrame = 8;
inline constexpr int kPingFrame = 9;
inline constexpr int kPongFrame = 10;

// A frame as a client has to send it: masked, final, whatever the payload.
std::string ClientFrame(int opcode, std::string_view payload);

// The request for a WebSocket; `extra` is further header lines, each with its line end.
std::string UpgradeRequest(std::string_view path, std::string_view extra = "");

// Not thread-safe. Reading blocks; the test's own time limit is the only one.
class TestClient {
 public:
  // Connects to 127.0.0.1. A receive buffer of 0 is the system's.
  explicit TestClient(uint16_t port, int receive_buffer = 0);
  // For a socket made beforehand, not yet connected.
  static int MakeSocket();
  TestClient(int socket, uint16_t port);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  TestClient(TestClient&& other) noexcept;
  TestClient& operator=(TestClient&&) = delete;

  // Begins TLS, with what has been connected. A handshake that fails is a connection that has
  // closed. `session` is to be resumed; null: none.
  void StartTls(SSL_CTX& context, SSL_SESSION* session = nullptr);
  // For the next connection; after something was read. Null: there is none.
  SessionPtr GetTlsSession() const;
  // What a handshake begins with, and a record with `text`, as the peer would get them, but not
  // sent.
  static std::string MakeHello(SSL_CTX& context);
  std::string Seal(std::string_view text);

  // A viewer that has just sent its request.
  static TestClient Viewer(uint16_t port, std::string_view path, std::string_view extra = "",
                           int receive_buffer = 0);
  // The same of one over HTTP, whose frames come in chunks: one in each.
  static TestClient HttpViewer(uint16_t port, std::string_view path, std::string_view extra = "",
                               int receive_buffer = 0);
  // Its name, for its control messages.
  const std::string& session() const { return session_; }

  void Send(std::string_view bytes);
  // The same without TLS.
  void SendRaw(std::string_view bytes);
  // No more will be sent; reading goes on.
  void HalfClose();

  // The next answer; nothing once the server has closed. `is_head`: has no body.
  std::optional<HttpReply> ReadReply(bool is_head = false);

  // The next chunk of a response, empty if it is the last one; nothing once the server has closed.
  std::optional<std::string> ReadChunk();

  // The next frame; nothing once the server has closed, or after the last chunk.
  std::optional<ReceivedFrame> ReadFrame();
  // The next frame's payload, which is expected to be binary.
  std::string ReadBinary();

  // Everything until the server closes.
  std::string ReadAll();

  // Blocks until there is something to read, without reading.
  void AwaitInput();
  // Blocks until the connection has been reset or closed, without reading.
  void AwaitHangUp();
  // Whether it has been.
  bool HasHungUp();

 private:
  void Connect(uint16_t port);
  bool Fill();
  std::optional<std::string> Take(size_t size);
  std::optional<ReceivedFrame> TakeFrame();
  std::optional<ReceivedFrame> TakeChunkedFrame();

  int fd_;
  std::unique_ptr<SSL, SslFree> ssl_;  // null: no TLS
  std::string received_;
  std::string session_;  // of a viewer over HTTP
};

}  // namespace pistream
