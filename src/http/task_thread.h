// A thread for tasks that would block a network thread.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "src/base/mutex.h"

namespace pistream {

// Thread-safe. Tasks run one after the other, in the order they were posted.
class TaskThread {
 public:
  explicit TaskThread(std::string name);
  // Waits for the running task, and discards those that have not started.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  void Post(std::function<void()> task);

  // Blocks until all tasks that were posted before have run.
  void AwaitPosted();

 private:
  void Run();

  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<std::function<void()>> tasks_ PISTREAM_GUARDED_BY(mutex_);
  bool is_stopping_ PISTREAM_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pistream
