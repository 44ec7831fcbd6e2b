// What was sent on a track or to a viewer last, and when: to find out how late it arrives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/base/clock.h"
#include "src/media/picture.h"

namespace pistream {

// Belongs to one network thread. Allocates nothing.
class SentLog {
 public:
  // Five seconds at 25 pictures a second; what is older counts as if it were as old as the oldest.
  static constexpr size_t kEntries = 128;

  struct Entry {
    uint64_t end = 0;    // of all bytes, counted from the first one of the log
    uint32_t bytes = 0;  // of its message
    bool is_intra = false;
    uint64_t sequence = 0;  // the picture's
    SteadyTime at;          // when it was handed to the kernel
  };

  void Add(const Picture& picture, size_t bytes, SteadyTime at) {
    total_ += bytes;
    entries_[next_ % kEntries] = {.end = total_,
                                  .bytes = static_cast<uint32_t>(bytes),
                                  .is_intra = picture.type == PictureType::kIntra,
                                  .sequence = picture.sequence,
                                  .at = at};
    ++next_;
  }

  uint64_t total_bytes() const { return total_; }
  size_t size() const { return next_ < kEntries ? next_ : kEntries; }
  // 0 is the oldest. Precondition: index < size().
  const Entry& operator[](size_t index) const {
    return entries_[(next_ - size() + index) % kEntries];
  }

  // The index of the oldest entry that is not wholly among the first `bytes` bytes; size() if all
  // are.
  size_t FirstBeyond(uint64_t bytes) const {
    size_t index = size();
    while (index > 0 && (*this)[index - 1].end > bytes) {
      --index;
    }
    return index;
  }

  // The index of the newest entry of this sequence.
  std::optional<size_t> Find(uint64_t sequence) const {
    for (size_t index = size(); index > 0; --index) {
      if ((*this)[index - 1].sequence == sequence) {
        return index - 1;
      }
    }
    return std::nullopt;
  }

 private:
  std::array<Entry, kEntries> entries_{};
  size_t next_ = 0;
  uint64_t total_ = 0;
};

}  // namespace pistream
