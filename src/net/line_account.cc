#include "src/net/line_account.h"

// Not <netinet/tcp.h>, whose tcp_info ends before what is needed here.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace pistream {
namespace {

// States of tcpi_ca_state (net/tcp_states.h of the kernel): 0 open, 1 disorder, 2 CWR, 3 recovery,
// 4 loss.
constexpr int kRecovery = 3;

}  // namespace

std::optional<LineAccount> GetLineAccount(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return std::nullopt;
  }
  return LineAccount{.unacknowledged_bytes = GetUnacknowledgedBytes(fd),
                     .minimum_rtt = std::chrono::microseconds(info.tcpi_min_rtt),
                     .rtt = std::chrono::microseconds(info.tcpi_rtt),
                     .rtt_variation = std::chrono::microseconds(info.tcpi_rttvar),
                     .repairs_loss = info.tcpi_ca_state >= kRecovery || info.tcpi_sacked > 0};
}

size_t GetUnacknowledgedBytes(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 ? static_cast<size_t>(bytes) : 0;
}

}  // namespace pistream
