// One thread that does what would hold up a network thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace pistream {

// Thread-safe. Tasks run one after the other, in the order they were posted.
class TaskThread {
 public:
  explicit TaskThread(std::string name);
  // Waits for the task that runs, and drops those that have not begun.
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  void Post(std::function<void()> task);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace pistream
