// The viewers of one network thread, side by side in memory: what sending a picture to one that
// keeps up needs is here, and nothing else is touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace pistream {

class ViewerSession;

// What is sent for each picture.
enum class PictureForm : uint8_t {
  kPlain,      // a message: the picture
  kDescribed,  // a message: pistream.v1's header, the picture
  kClassic,    // two messages: the picture, ClassicTrailerMessage
};
inline constexpr size_t kPictureForms = 3;

struct ViewerSlot {
  int fd = -1;
  PictureForm form = PictureForm::kPlain;
  // Has been sent all there is and its socket takes more: the next picture can be written to `fd`
  // straight away.
  bool is_flowing = false;
  size_t* index = nullptr;  // where the session keeps its place in the table
  std::shared_ptr<ViewerSession> session;
};

// Owns the sessions. Belongs to one network thread.
class ViewerTable {
 public:
  void Add(ViewerSlot slot) {
    *slot.index = slots_.size();
    slots_.push_back(std::move(slot));
  }

  // The last one takes its place.
  void Remove(size_t index) {
    std::swap(slots_[index], slots_.back());
    *slots_[index].index = index;
    slots_.pop_back();
  }

  size_t size() const { return slots_.size(); }
  ViewerSlot& operator[](size_t index) { return slots_[index]; }

 private:
  std::vector<ViewerSlot> slots_;
};

}  // namespace pistream
