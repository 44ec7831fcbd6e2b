#include "sim/simulated_camera.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "sim/fault_plan.h"
#include "sim/painter.h"
#include "sim/pattern.h"
#include "sim/recording.h"
#include "sim/scenario.h"
#include "src/base/thread_name.h"
#include "src/media/memory_frame_pool.h"

namespace pistream::sim {
namespace {

// The times at which frames are due, without the drift of adding rounded frame times.
class Schedule {
 public:
  Schedule(SteadyTime start, FrameRate framerate) : start_(start), framerate_(framerate) {}

  SteadyTime DueTime(uint64_t frame) const {
    // `numerator` frames last a whole number of seconds; split there, nothing overflows for
    // centuries.
    const auto numerator = static_cast<uint64_t>(framerate_.numerator);
    const auto denominator = static_cast<uint64_t>(framerate_.denominator);
    const uint64_t seconds = frame / numerator * denominator;
    const uint64_t nanoseconds = frame % numerator * denominator * std::nano::den / numerator;
    return start_ + std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanoseconds);
  }

 private:
  SteadyTime start_;
  FrameRate framerate_;
};

// The camera from Start to Stop. Everything except the constructor runs on the camera's thread.
class Session {
 public:
  Session(const VideoFormat& format, Flips flips, std::shared_ptr<const Painter> painter,
          FrameSink& sink, FaultPlan& faults, Clock& clock)
      : flips_(flips),
        sink_(sink),
        faults_(faults),
        clock_(clock),
        schedule_(clock.Now(), format.framerate),
        painter_(std::move(painter)),
        pool_(std::make_shared<MemoryFramePool>(format.size, kCameraBuffers)) {}

  void Run(const std::stop_token& stop) {
    for (uint64_t due = 0; SleepUntil(schedule_.DueTime(due), stop); ++due) {
      // If the next frame is due as well, it is too late for this one: it counts as lost.
      while (schedule_.DueTime(due + 1) <= clock_.Now()) {
        Count(faults_.OnFrameDue(schedule_.DueTime(due)));
        ++due;
      }
      const SteadyTime captured = schedule_.DueTime(due);
      const FaultPlan::FrameEffects effects = faults_.OnFrameDue(captured);
      if (effects.lost_camera) {
        sink_.OnCameraLost(
            Error{"the simulated camera has disappeared, as its scenario specifies"});
        SleepUntil(SteadyTime::max(), stop);
        return;
      }
      if (const auto sequence = Count(effects)) {
        Deliver(*sequence, captured, effects);
      }
    }
  }

 private:
  // Clock::SleepUntil, without its allocation.
  bool SleepUntil(SteadyTime deadline, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    clock_.WaitUntil(lock, never_changed_, deadline, stop, [] { return false; });
    return !stop.stop_requested();
  }

  // The frame's sequence; nothing if none is made.
  std::optional<uint64_t> Count(const FaultPlan::FrameEffects& effects) {
    if (effects.stalled || effects.lost_camera) {
      return std::nullopt;
    }
    return next_sequence_++;
  }

  void Deliver(uint64_t sequence, SteadyTime captured, const FaultPlan::FrameEffects& effects) {
    if (effects.dropped) {
      return;
    }
    const std::optional<int> slot = pool_->Acquire();
    if (!slot) {
      return;
    }
    const MutablePlanes planes = pool_->planes(*slot);
    // The stamp has the true time, even if a fault changes the frame's capture time.
    painter_->Paint(sequence, captured, flips_, planes);
    if (!effects.same_timestamp) {
      reported_captured_ = captured - effects.late_by;
    }
    sink_.OnFrame(pool_->Lend(*slot, sequence, reported_captured_));
  }

  const Flips flips_;
  FrameSink& sink_;
  FaultPlan& faults_;
  Clock& clock_;
  const Schedule schedule_;
  const std::shared_ptr<const Painter> painter_;
  const std::shared_ptr<MemoryFramePool> pool_;
  std::mutex mutex_;  // guards nothing; needed to sleep
  std::condition_variable_any never_changed_;
  uint64_t next_sequence_ = 0;
  SteadyTime reported_captured_;
};

class SimulatedCamera final : public Camera {
 public:
  // Without a recording, it shows the pattern.
  SimulatedCamera(const SimulationOptions& options, std::shared_ptr<const Recording> recording,
                  FaultPlan& faults, Clock& clock)
      : options_(options), recording_(std::move(recording)), faults_(faults), clock_(clock) {}

  Result<VideoFormat> Start(const CameraConfig& config, FrameSink& sink) override {
    if (thread_.joinable()) {
      return Fail("the simulated camera is already started: stop it first");
    }
    if (faults_.IsAbsent(clock_.Now())) {
      return Fail("the simulated camera is unavailable, as its scenario specifies");
    }
    if (!config.controls.empty()) {
      return FailUsage("the simulated camera has no control '{}': it has no controls",
                       config.controls.begin()->first);
    }
    VideoFormat format = config.format;
    format.size = faults_.only_size().value_or(recording_ ? recording_->size() : format.size);
    if (const auto checked = CheckFormat(format); !checked) {
      return tl::unexpected(checked.error());
    }
    const Flips flips{.horizontal = config.hflip, .vertical = config.vflip};
    auto session =
        std::make_unique<Session>(format, flips, PainterFor(format.size), sink, faults_, clock_);
    thread_ = std::jthread([session = std::move(session)](const std::stop_token& stop) {
      SetThreadName("camera");
      session->Run(stop);
    });
    return format;
  }

  void Stop() override {
    if (thread_.joinable()) {
      thread_.request_stop();
      thread_.join();
    }
  }

 private:
  std::shared_ptr<const Painter> PainterFor(Size size) const {
    if (recording_) {
      return recording_;
    }
    return std::make_shared<Pattern>(size, options_.seed);
  }

  const SimulationOptions options_;
  const std::shared_ptr<const Recording> recording_;
  FaultPlan& faults_;
  Clock& clock_;
  std::jthread thread_;  // its destructor stops it
};

class SimulatedSource final : public CameraSource {
 public:
  SimulatedSource(std::string name, const SimulationOptions& options,
                  const std::vector<Fault>& faults, Clock& clock,
                  std::shared_ptr<const Recording> recording = nullptr)
      : name_(std::move(name)),
        options_(options),
        recording_(std::move(recording)),
        faults_(faults),
        clock_(clock) {}

  Result<std::unique_ptr<Camera>> Open() override {
    if (faults_.IsAbsent(clock_.Now())) {
      return Fail("the simulated camera is unavailable, as its scenario specifies");
    }
    return std::make_unique<SimulatedCamera>(options_, recording_, faults_, clock_);
  }

  std::string Name() const override { return name_; }

 private:
  const std::string name_;
  const SimulationOptions options_;
  const std::shared_ptr<const Recording> recording_;
  FaultPlan faults_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<CameraSource> MakeSimulatedSource(const SimulationOptions& options, Clock& clock) {
  return MakeFaultySource({}, options, clock);
}

std::unique_ptr<CameraSource> MakeFaultySource(const std::vector<Fault>& faults,
                                               const SimulationOptions& options, Clock& clock) {
  return std::make_unique<SimulatedSource>("simulated", options, faults, clock);
}

Result<std::unique_ptr<CameraSource>> MakeRecordingSource(const std::filesystem::path& recording,
                                                          Clock& clock) {
  auto pictures = Recording::Read(recording);
  if (!pictures) {
    return tl::unexpected(pictures.error());
  }
  return std::make_unique<SimulatedSource>("simulated:" + recording.string(), SimulationOptions{},
                                           std::vector<Fault>{}, clock, *std::move(pictures));
}

Result<std::unique_ptr<CameraSource>> MakeScenarioSource(const std::filesystem::path& scenario,
                                                         const SimulationOptions& options,
                                                         Clock& clock) {
  auto faults = ReadScenario(scenario);
  if (!faults) {
    return tl::unexpected(faults.error());
  }
  return std::make_unique<SimulatedSource>("simulated:" + scenario.string(), options, *faults,
                                           clock);
}

}  // namespace pistream::sim
