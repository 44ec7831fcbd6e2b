// A camera that does what a test tells it, when the test says so.
#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/camera/camera_source.h"
#include "src/media/frame.h"
#include "src/media/i420_buffer.h"

namespace pistream {

// The source and, through it, the one camera there can be at a time. Thread-safe: the test drives
// it while the code under test opens, starts and stops. The Await methods block until what they
// name has happened.
class FakeCameraSource final : public CameraSource {
 public:
  static constexpr int kBuffers = 8;

  // What cameras opened from here deliver, whatever they are asked for.
  explicit FakeCameraSource(const VideoFormat& format) : state_(std::make_shared<State>()) {
    state_->format = format;
  }

  Result<std::unique_ptr<Camera>> Open() override {
    std::lock_guard lock(state_->mutex);
    ++state_->open_attempts;
    state_->changed.notify_all();
    if (state_->open_error) {
      return Fail("{}", *state_->open_error);
    }
    return std::make_unique<FakeCamera>(state_);
  }

  std::string Name() const override { return "fake"; }

  void SetFormat(const VideoFormat& format) {
    std::lock_guard lock(state_->mutex);
    state_->format = format;
  }
  // Until set to nothing, every Open fails.
  void SetOpenError(std::optional<std::string> error) {
    std::lock_guard lock(state_->mutex);
    state_->open_error = std::move(error);
  }
  // Until set to nothing, every Start fails.
  void SetStartError(std::optional<std::string> error) {
    std::lock_guard lock(state_->mutex);
    state_->start_error = std::move(error);
  }
  // Until set to nothing, every Start with a control fails.
  void SetControlError(std::optional<std::string> error) {
    std::lock_guard lock(state_->mutex);
    state_->control_error = std::move(error);
  }

  // Called by the next Stop, before it returns.
  void OnNextStop(std::function<void()> on_stop) {
    std::lock_guard lock(state_->mutex);
    state_->on_next_stop = std::move(on_stop);
  }

  // Calls the sink, on the calling thread, with a frame whose luma is the sequence's low byte; not
  // if all buffers are out. Precondition: running.
  void Deliver(uint64_t sequence, SteadyTime captured, std::optional<Size> size = std::nullopt) {
    std::lock_guard lock(state_->mutex);
    auto frame = state_->pool->Fill(size.value_or(state_->format.size), sequence, captured);
    if (frame) {
      state_->sink->OnFrame(*std::move(frame));
    }
  }
  void Lose(const std::string& reason) {
    std::lock_guard lock(state_->mutex);
    state_->sink->OnCameraLost(Error{reason});
  }

  bool running() const { return Get(&State::sink) != nullptr; }
  int open_attempts() const { return Get(&State::open_attempts); }
  int starts() const { return Get(&State::starts); }
  // Cameras that exist now: 0 or 1.
  int cameras() const { return Get(&State::cameras); }
  // Of the last Start.
  std::optional<CameraConfig> config() const { return Get(&State::config); }

  void AwaitRunning() {
    Await([](const State& state) { return state.sink != nullptr; });
  }
  void AwaitStopped() {
    Await([](const State& state) { return state.sink == nullptr; });
  }
  void AwaitStarts(int count) {
    Await([count](const State& state) { return state.starts >= count; });
  }
  void AwaitOpenAttempts(int count) {
    Await([count](const State& state) { return state.open_attempts >= count; });
  }
  // Counts frames given back since the source was made.
  int released() const {
    std::lock_guard lock(state_->pool->mutex);
    return state_->pool->released;
  }
  void AwaitReleased(int count) {
    std::unique_lock lock(state_->pool->mutex);
    state_->pool->changed.wait(lock, [&] { return state_->pool->released >= count; });
  }

 private:
  // Its buffers, of whatever size each frame has. With a lock of its own: frames may die inside
  // Deliver.
  class Pool final : public FramePool {
   public:
    Pool() : FramePool(kBuffers) {}

    std::optional<Frame> Fill(Size size, uint64_t sequence, SteadyTime captured) {
      std::lock_guard lock(mutex);
      const auto free = std::ranges::find(buffers_, false, &Buffer::is_out);
      if (free == buffers_.end()) {
        return std::nullopt;
      }
      free->is_out = true;
      if (free->memory.size() != size) {
        free->memory = I420Buffer(size);
      }
      const MutablePlane luma = free->memory.planes()[0];
      std::fill_n(luma.data, luma.stride * size.height, static_cast<uint8_t>(sequence));
      return Lend(static_cast<int>(free - buffers_.begin()),
                  {.size = size, .sequence = sequence, .captured = captured},
                  std::as_const(free->memory).planes());
    }

    void Release(int slot) noexcept override {
      std::lock_guard lock(mutex);
      buffers_[static_cast<size_t>(slot)].is_out = false;
      ++released;
      changed.notify_all();
    }

    std::mutex mutex;
    std::condition_variable changed;
    int released = 0;

   private:
    struct Buffer {
      I420Buffer memory;
      bool is_out = false;
    };

    std::array<Buffer, kBuffers> buffers_;
  };

  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    VideoFormat format;
    std::optional<std::string> open_error;
    std::optional<std::string> start_error;
    std::optional<std::string> control_error;
    std::optional<CameraConfig> config;
    FrameSink* sink = nullptr;  // while running
    std::function<void()> on_next_stop;
    int open_attempts = 0;
    int starts = 0;
    int cameras = 0;
    std::shared_ptr<Pool> pool = std::make_shared<Pool>();
  };

  class FakeCamera final : public Camera {
   public:
    // With the state's lock held.
    explicit FakeCamera(std::shared_ptr<State> state) : state_(std::move(state)) {
      ++state_->cameras;
    }
    FakeCamera(const FakeCamera&) = delete;
    FakeCamera& operator=(const FakeCamera&) = delete;
    ~FakeCamera() override {
      Stop();
      std::lock_guard lock(state_->mutex);
      --state_->cameras;
    }

    Result<VideoFormat> Start(const CameraConfig& config, FrameSink& sink) override {
      std::lock_guard lock(state_->mutex);
      state_->config = config;
      ++state_->starts;
      state_->changed.notify_all();
      if (state_->start_error) {
        return Fail("{}", *state_->start_error);
      }
      if (state_->control_error && !config.controls.empty()) {
        return Fail("{}", *state_->control_error);
      }
      state_->sink = &sink;
      state_->changed.notify_all();
      return state_->format;
    }

    void Stop() override {
      std::function<void()> on_stop;
      {
        std::lock_guard lock(state_->mutex);
        state_->sink = nullptr;
        state_->changed.notify_all();
        on_stop = std::exchange(state_->on_next_stop, nullptr);
      }
      if (on_stop) {
        on_stop();
      }
    }

   private:
    std::shared_ptr<State> state_;
  };

  template <typename T>
  T Get(T State::* field) const {
    std::lock_guard lock(state_->mutex);
    return (*state_).*field;
  }

  template <typename Predicate>
  void Await(Predicate predicate) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return predicate(*state_); });
  }

  std::shared_ptr<State> state_;
};

}  // namespace pistream
