#include "src/net/plain_transport.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/system/error_code.hpp>
#include <utility>

namespace pistream {

using boost::asio::ip::address;
using boost::system::error_code;

namespace {

// "::" listens to IPv4 as well, whose addresses then come as ::ffff:192.168.1.7.
address Unmapped(const address& mapped) {
  return mapped.is_v6() && mapped.to_v6().is_v4_mapped()
             ? address(boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, mapped.to_v6()))
             : mapped;
}

}  // namespace

PlainTransport::PlainTransport(Socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

ssize_t PlainTransport::Send(std::span<const uint8_t> bytes) { return SendNow(fd(), bytes); }

ssize_t PlainTransport::SendParts(std::span<iovec> parts) { return SendPartsNow(fd(), parts); }

ssize_t PlainTransport::Receive(std::span<uint8_t> buffer) { return ReceiveNow(fd(), buffer); }

void PlainTransport::AwaitReadable(std::shared_ptr<TransportHandler> handler) {
  socket_.async_wait(Socket::wait_read,
                     [handler = std::move(handler)](const error_code&) { handler->OnReadable(); });
}

void PlainTransport::AwaitWritable(std::shared_ptr<TransportHandler> handler) {
  socket_.async_wait(Socket::wait_write,
                     [handler = std::move(handler)](const error_code&) { handler->OnWritable(); });
}

void PlainTransport::Cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void PlainTransport::ShutdownSend() { ::shutdown(fd(), SHUT_WR); }

void PlainTransport::AbortOnClose() { SetAbortOnClose(fd()); }

void PlainTransport::Close() {
  error_code ignored;
  socket_.close(ignored);
}

void PlainTransport::PrepareForViewer() { SetViewerOptions(fd()); }

bool PlainTransport::MoveTo(boost::asio::io_context& io) {
  error_code error;
  const auto protocol = socket_.local_endpoint(error).protocol();
  const int fd = socket_.release(error);
  Socket moved(io);
  moved.assign(protocol, fd, error);
  if (error) {
    ::close(fd);
    return false;
  }
  socket_ = std::move(moved);
  return true;
}

std::string PlainTransport::LocalHost() const {
  error_code error;
  const address local = Unmapped(socket_.local_endpoint(error).address());
  if (error) {
    return "127.0.0.1";
  }
  return local.is_v6() ? "[" + local.to_string() + "]" : local.to_string();
}

std::string PlainTransport::PeerAddress() const {
  error_code error;
  const address peer = Unmapped(socket_.remote_endpoint(error).address());
  if (error || peer.is_v4()) {
    return error ? "" : peer.to_string();
  }
  boost::asio::ip::address_v6 without_zone = peer.to_v6();
  without_zone.scope_id(0);
  return without_zone.to_string();
}

}  // namespace pistream
