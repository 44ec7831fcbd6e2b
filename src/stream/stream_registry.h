// All streams of the process. The first one is also at the root.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/mutex.h"
#include "src/stream/stream.h"

namespace pistream {

// Thread-safe. One owner replaces the list; others read the current one.
class StreamRegistry {
 public:
  using List = std::vector<std::shared_ptr<Stream>>;

  StreamRegistry() : streams_(std::make_shared<const List>()) {}

  void Replace(List streams) {
    auto replacement = std::make_shared<const List>(std::move(streams));
    const MutexLock lock(mutex_);
    streams_.swap(replacement);
  }

  // Never null.
  std::shared_ptr<const List> streams() const {
    const MutexLock lock(mutex_);
    return streams_;
  }

  // Null if no stream has this name.
  std::shared_ptr<Stream> Find(std::string_view name) const {
    const auto all = streams();
    for (const auto& stream : *all) {
      if (stream->name() == name) {
        return stream;
      }
    }
    return nullptr;
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const List> streams_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
