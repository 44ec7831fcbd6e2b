// Accepts connections on one port, and goes on whatever happens to one of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "src/base/rate_limit.h"
#include "src/base/result.h"
#include "src/metrics/metrics.h"
#include "src/net/socket_options.h"

namespace pistream {

// Belongs to the thread of `io`, on which all calls are made once that runs.
class Listener {
 public:
  // Where the next connection is to live, and who is given it, on the listener's thread.
  struct Destination {
    boost::asio::io_context* io = nullptr;
    std::function<void(Socket)> deliver;
  };

  Listener(boost::asio::io_context& io, Metrics& metrics, Clock& clock);

  // Listens, without accepting yet. `option` is what the user changes the port with ("--port").
  Result<void> Bind(const boost::asio::ip::address& address, uint16_t port,
                    const std::string& option);

  // `next` is asked for each connection. Once.
  void Start(std::function<Destination()> next);

  // No connection is accepted any more.
  void Close();

  uint16_t port() const { return port_; }

 private:
  void Accept();
  void OnAcceptError(const boost::system::error_code& error);

  Metrics& metrics_;
  RateLimit error_lines_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::function<Destination()> next_;
  uint16_t port_ = 0;
};

}  // namespace pistream
