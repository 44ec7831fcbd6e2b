#include "src/app/stop_signal.h"

#include <pthread.h>

namespace pistream {

StopSignal::StopSignal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignal::~StopSignal() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int StopSignal::Await() {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  return signal;
}

}  // namespace pistream
