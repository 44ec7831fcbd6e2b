#include "tests/integration/server/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "gtest/gtest.h"
#include "openssl/bio.h"
#include "openssl/err.h"

namespace pistream {
namespace {

constexpr size_t kMaskSize = 4;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<uint8_t>(byte);
  }
  return value;
}

std::string LowerCase(std::string text) {
  for (char& c : text) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

HttpReply ParseHead(std::string_view head) {
  HttpReply reply;
  reply.status = std::atoi(std::string(head.substr(sizeof "HTTP/1.1" - 1)).c_str());
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.starts_with("\r\n")) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const size_t colon = line.find(':');
    reply.fields[LowerCase(std::string(line.substr(0, colon)))] = line.substr(colon + 2);
    head.remove_prefix(line.size() + 2);
  }
  return reply;
}

std::string TextIn(BIO* memory) {
  char* bytes = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(memory, &bytes));
  return {bytes, size};
}

}  // namespace

int ReceivedFrame::close_code() const {
  return payload.size() < 2 ? 0
                            : static_cast<int>(BigEndian(std::string_view(payload).substr(0, 2)));
}

std::string ClientFrame(int opcode, std::string_view payload) {
  const std::array<char, kMaskSize> mask = {0x12, 0x34, 0x56, 0x78};
  std::string frame = {static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0xFE);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  }
  frame.append(mask.data(), mask.size());
  for (size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ mask[i % kMaskSize]);
  }
  return frame;
}

std::string UpgradeRequest(std::string_view path, std::string_view extra) {
  return "GET " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(extra) + "\r\n";
}

int TestClient::MakeSocket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

TestClient::TestClient(uint16_t port, int receive_buffer) : fd_(MakeSocket()) {
  if (receive_buffer > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  Connect(port);
}

TestClient::TestClient(int socket, uint16_t port) : fd_(socket) { Connect(port); }

TestClient::~TestClient() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

TestClient::TestClient(TestClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      ssl_(std::move(other.ssl_)),
      received_(std::move(other.received_)),
      session_(std::move(other.session_)) {}

TestClient TestClient::Viewer(uint16_t port, std::string_view path, std::string_view extra,
                              int receive_buffer) {
  TestClient client(port, receive_buffer);
  client.Send(UpgradeRequest(path, extra));
  const auto reply = client.ReadReply();
  EXPECT_TRUE(reply && reply->status == 101);
  return client;
}

TestClient TestClient::HttpViewer(uint16_t port, std::string_view path, std::string_view extra,
                                  int receive_buffer) {
  TestClient client(port, receive_buffer);
  client.Send("GET " + std::string(path) +
              " HTTP/1.1\r\nHost: localhost\r\nPistream-Client: 1\r\n" + std::string(extra) +
              "\r\n");
  auto reply = client.ReadReply();
  EXPECT_TRUE(reply && reply->status == 200);
  if (reply) {
    EXPECT_EQ(reply->fields["transfer-encoding"], "chunked");
    client.session_ = reply->fields["pistream-session"];
    EXPECT_EQ(client.session_.size(), 32U);
  }
  return client;
}

void TestClient::Connect(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

void TestClient::StartTls(SSL_CTX& context, SSL_SESSION* session) {
  ssl_.reset(SSL_new(&context));
  SSL_set_fd(ssl_.get(), fd_);
  if (session != nullptr) {
    SSL_set_session(ssl_.get(), session);
  }
  ERR_clear_error();
  SSL_connect(ssl_.get());
}

SessionPtr TestClient::GetTlsSession() const {
  SSL_SESSION* const session = ssl_ ? SSL_get0_session(ssl_.get()) : nullptr;
  const bool is_usable = session != nullptr && SSL_SESSION_is_resumable(session) == 1;
  return SessionPtr(is_usable ? SSL_SESSION_dup(session) : nullptr);
}

std::string TestClient::MakeHello(SSL_CTX& context) {
  const std::unique_ptr<SSL, SslFree> ssl(SSL_new(&context));
  SSL_set0_rbio(ssl.get(), BIO_new(BIO_s_mem()));
  SSL_set0_wbio(ssl.get(), BIO_new(BIO_s_mem()));
  SSL_connect(ssl.get());
  return TextIn(SSL_get_wbio(ssl.get()));
}

std::string TestClient::Seal(std::string_view text) {
  SSL_set0_wbio(ssl_.get(), BIO_new(BIO_s_mem()));
  ERR_clear_error();
  SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
  std::string record = TextIn(SSL_get_wbio(ssl_.get()));
  SSL_set0_wbio(ssl_.get(), BIO_new_socket(fd_, BIO_NOCLOSE));
  return record;
}

void TestClient::Send(std::string_view bytes) {
  if (!ssl_) {
    return SendRaw(bytes);
  }
  ERR_clear_error();
  SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

void TestClient::SendRaw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;  // the server has closed: what it said is still to be read
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void TestClient::HalfClose() { ::shutdown(fd_, SHUT_WR); }

std::optional<HttpReply> TestClient::ReadReply(bool is_head) {
  while (received_.find("\r\n\r\n") == std::string::npos) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  const size_t head_size = received_.find("\r\n\r\n") + 4;
  HttpReply reply = ParseHead(*Take(head_size));
  const auto length = reply.fields.find("content-length");
  if (!is_head && length != reply.fields.end()) {
    reply.body = Take(static_cast<size_t>(std::atoi(length->second.c_str()))).value_or("");
  }
  return reply;
}

std::optional<std::string> TestClient::ReadChunk() {
  while (received_.find("\r\n") == std::string::npos) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  const std::string line = *Take(received_.find("\r\n") + 2);
  const size_t size = std::stoul(line, nullptr, 16);
  auto chunk = Take(size + 2);
  if (chunk) {
    EXPECT_EQ(chunk->substr(size), "\r\n");
    chunk->resize(size);
  }
  return chunk;
}

std::optional<ReceivedFrame> TestClient::ReadFrame() {
  return session_.empty() ? TakeFrame() : TakeChunkedFrame();
}

std::optional<ReceivedFrame> TestClient::TakeChunkedFrame() {
  auto chunk = ReadChunk();
  if (!chunk || chunk->empty()) {
    return std::nullopt;
  }
  std::swap(received_, *chunk);
  auto frame = TakeFrame();
  EXPECT_EQ(received_, "") << "more than a frame in a chunk";
  received_ = std::move(*chunk);
  return frame;
}

std::optional<ReceivedFrame> TestClient::TakeFrame() {
  const auto start = Take(2);
  if (!start) {
    return std::nullopt;
  }
  EXPECT_EQ((*start)[0] & 0xF0, 0x80) << "not final, or a reserved bit is set";
  EXPECT_EQ((*start)[1] & 0x80, 0) << "a server must not mask";
  uint64_t size = static_cast<uint64_t>((*start)[1] & 0x7F);
  if (size >= 126) {
    const auto extended = Take(size == 126 ? 2 : 8);
    if (!extended) {
      return std::nullopt;
    }
    size = BigEndian(*extended);
  }
  auto payload = Take(size);
  if (!payload) {
    return std::nullopt;
  }
  return ReceivedFrame{(*start)[0] & 0x0F, std::move(*payload)};
}

std::string TestClient::ReadBinary() {
  auto frame = ReadFrame();
  if (!frame || frame->opcode != kBinaryFrame) {
    ADD_FAILURE() << (frame ? "not a binary frame" : "the server has closed");
    return "";
  }
  return std::move(frame->payload);
}

std::string TestClient::ReadAll() {
  while (Fill()) {
  }
  return std::exchange(received_, "");
}

void TestClient::AwaitInput() {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, -1);
}

void TestClient::AwaitHangUp() {
  pollfd waiting{.fd = fd_, .events = POLLRDHUP, .revents = 0};
  ::poll(&waiting, 1, -1);
}

bool TestClient::HasHungUp() {
  pollfd now{.fd = fd_, .events = POLLRDHUP, .revents = 0};
  return ::poll(&now, 1, 0) > 0;
}

bool TestClient::Fill() {
  std::array<char, 65536> buffer{};
  ERR_clear_error();
  const ssize_t size = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                            : ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size <= 0) {
    return false;
  }
  received_.append(buffer.data(), static_cast<size_t>(size));
  return true;
}

std::optional<std::string> TestClient::Take(size_t size) {
  while (received_.size() < size) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

}  // namespace pistream
