#include "src/net/plain_transport.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/system/error_code.hpp>
#include <utility>

namespace pistream {

using boost::system::error_code;

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
  const auto address = socket_.local_endpoint(error).address();
  if (error) {
    return "127.0.0.1";
  }
  // "::" listens to IPv4 as well, whose addresses then come as ::ffff:192.168.1.7.
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .to_string();
  }
  return address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
}

}  // namespace pistream
