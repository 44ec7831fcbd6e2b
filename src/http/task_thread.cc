#include "src/http/task_thread.h"

#include <future>
#include <utility>

#include "src/base/thread_name.h"

namespace pistream {

TaskThread::TaskThread(std::string name)
    : thread_([this, name = std::move(name)] {
        SetThreadName(name);
        Run();
      }) {}

TaskThread::~TaskThread() {
  {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.NotifyOne();
  thread_.join();
}

void TaskThread::Post(std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.NotifyOne();
}

void TaskThread::AwaitPosted() {
  std::promise<void> done;
  Post([&done] { done.set_value(); });
  done.get_future().wait();
}

void TaskThread::Run() {
  MutexLock lock(mutex_);
  while (true) {
    changed_.Wait(mutex_,
                  [this]() PISTREAM_REQUIRES(mutex_) { return is_stopping_ || !tasks_.empty(); });
    if (is_stopping_) {
      return;
    }
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.Unlock();
    task();
    lock.Lock();
  }
}

}  // namespace pistream
