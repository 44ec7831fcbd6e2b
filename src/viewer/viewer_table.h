// The viewers of one track on one network thread, side by side in memory: what sending a picture to
// one that keeps up needs is here, and nothing else is touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "src/http/stream_protocol.h"
#include "src/net/transport.h"

namespace pistream {

class ViewerSession;

struct ViewerSlot {
  Transport* transport = nullptr;  // the session's
  StreamProtocol protocol = StreamProtocol::kPlain;
  // The next picture can be sent straight away: what its sender says (ViewerSender), kept here.
  bool can_send_directly = false;
  // What it wants of the track (Wants); one that has paused wants 0.
  std::optional<int64_t> limit_bps = std::nullopt;
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
    if (index + 1 != slots_.size()) {
      std::swap(slots_[index], slots_.back());
      *slots_[index].index = index;
    }
    slots_.pop_back();
  }

  size_t size() const { return slots_.size(); }
  ViewerSlot& operator[](size_t index) { return slots_[index]; }

  // Calls `visit(session)` for each; the session may leave the table meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (size_t i = 0; i < slots_.size();) {
      const std::shared_ptr<ViewerSession> session = slots_[i].session;
      visit(*session);
      if (i < slots_.size() && slots_[i].session == session) {
        ++i;  // else another has taken its place
      }
    }
  }

 private:
  std::vector<ViewerSlot> slots_;
};

}  // namespace pistream
