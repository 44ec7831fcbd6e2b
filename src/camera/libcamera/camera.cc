// Negotiation with a camera of libcamera's; session.h does the rest.
#include <libcamera/camera.h>
#include <libcamera/stream.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "src/base/log.h"
#include "src/base/mutex.h"
#include "src/base/thread_annotations.h"
#include "src/camera/libcamera/controls.h"
#include "src/camera/libcamera/device.h"
#include "src/camera/libcamera/device_watch.h"
#include "src/camera/libcamera/format.h"
#include "src/camera/libcamera/orientation.h"
#include "src/camera/libcamera/session.h"

namespace pistream {
namespace {

// One with the encoder, one waiting for it, one displaced and about to come back; the camera works
// on the others. It may choose another number.
constexpr unsigned kBuffers = 6;

ColorSpace ColorSpaceOf(const std::optional<libcamera::ColorSpace>& space) {
  if (!space) {
    return {};
  }
  return {.range = space->range == libcamera::ColorSpace::Range::Full ? ColorRange::kFull
                                                                      : ColorRange::kLimited,
          .matrix = space->ycbcrEncoding == libcamera::ColorSpace::YcbcrEncoding::Rec709
                        ? ColorMatrix::kBt709
                        : ColorMatrix::kBt601};
}

class LibcameraCamera final : public Camera {
 public:
  LibcameraCamera(std::shared_ptr<LibcameraManager> manager,
                  std::shared_ptr<libcamera::Camera> device, Clock& clock)
      : id_(device->id()),
        clock_(clock),
        manager_(std::move(manager)),
        device_(std::move(device)),
        watch_(DevicesOf(*device_), [this] { OnDevicesGone(); }, clock) {}
  LibcameraCamera(const LibcameraCamera&) = delete;
  LibcameraCamera& operator=(const LibcameraCamera&) = delete;
  ~LibcameraCamera() override { Stop(); }

  Result<VideoFormat> Start(const CameraConfig& config, FrameSink& sink) override {
    MutexLock lock(mutex_);
    if (session_) {
      return Fail("camera '{}' has been started already", id_);
    }
    if (const auto possible = CheckFormat(config.format); !possible) {
      return tl::unexpected(possible.error());
    }
    if (const int error = device_ ? device_->acquire() : -ENODEV; error < 0) {
      return tl::unexpected(RefusalOf(error));
    }
    auto started = StartAcquired(config, sink);
    if (!started && session_) {
      EndSession();
    } else if (!started) {
      device_->release();
    }
    return started;
  }

  void Stop() override {
    MutexLock lock(mutex_);
    if (session_) {
      EndSession();
    }
  }

 private:
  // On the watch's thread.
  void OnDevicesGone() {
    std::shared_ptr<LibcameraSession> session;
    {
      MutexLock lock(mutex_);
      session = session_;
      if (!session) {
        log::Warning("the devices of camera '{}' are gone", id_);
        LetGo();
      }
    }
    if (session) {
      session->OnDevicesGone();
    }
  }

  void EndSession() PISTREAM_REQUIRES(mutex_) {
    const bool gone = watch_.AnyGone();
    if (auto abandoned = session_->End(gone)) {
      manager_->Abandon(*std::move(abandoned));
    }
    session_.reset();
    if (gone) {
      LetGo();
    }
  }

  // For ever: if this is the only camera, libcamera's manager must have ended before it is plugged
  // in again.
  void LetGo() PISTREAM_REQUIRES(mutex_) {
    if (device_) {
      manager_->Hide(device_);
    }
    device_.reset();
    manager_.reset();
  }

  Error RefusalOf(int error) const {
    if (error == -EBUSY) {
      return {fmt::format("camera '{}' is in use by another program: stop that one first", id_)};
    }
    if (error == -ENODEV) {
      return {fmt::format("camera '{}' is gone: check its cable", id_)};
    }
    return {fmt::format("camera '{}' cannot be used: {}", id_, strerror(-error))};
  }

  Result<VideoFormat> StartAcquired(const CameraConfig& config, FrameSink& sink)
      PISTREAM_REQUIRES(mutex_) {
    auto negotiated = Negotiate(config);
    if (!negotiated) {
      return tl::unexpected(std::move(negotiated.error()));
    }
    const FrameTimeChoice time =
        ChooseFrameTime(config.format.framerate, FrameTimeLimitsOf(device_->controls()));
    negotiated->frame_time = time.framerate.FrameTime();
    negotiated->throttle = time.throttle;
    const VideoFormat delivered{negotiated->size, time.framerate};
    const auto controls = StartControls(device_->controls(), time, config.controls);
    if (!controls) {
      return tl::unexpected(controls.error());
    }

    auto session = LibcameraSession::Make(*std::move(negotiated), sink, clock_);
    if (!session) {
      return tl::unexpected(std::move(session.error()));
    }
    session_ = *std::move(session);
    return session_->Begin(*controls).map([&] { return delivered; });
  }

  // After success the camera is configured.
  Result<LibcameraStream> Negotiate(const CameraConfig& config) PISTREAM_REQUIRES(mutex_) {
    const auto configuration =
        device_->generateConfiguration({libcamera::StreamRole::VideoRecording});
    if (!configuration || configuration->empty()) {
      return Fail("camera '{}' cannot record video", id_);
    }
    libcamera::StreamConfiguration& wanted = configuration->at(0);
    const auto format = ChooseOffered(wanted);
    if (!format) {
      return tl::unexpected(format.error());
    }
    wanted.pixelFormat = *format;
    wanted.size = {static_cast<unsigned>(config.format.size.width),
                   static_cast<unsigned>(config.format.size.height)};
    wanted.colorSpace = libcamera::ColorSpace::Smpte170m;
    wanted.bufferCount = std::max(wanted.bufferCount, kBuffers);
    const auto orientation = Flipped(configuration->orientation, config.hflip, config.vflip);
    configuration->orientation = orientation;
    if (configuration->validate() == libcamera::CameraConfiguration::Invalid) {
      return FailUsage("camera '{}' cannot deliver {}", id_, ToString(config.format.size));
    }
    if (const auto flips = CheckOrientation(orientation, configuration->orientation); !flips) {
      return FailUsage("camera '{}': {}", id_, flips.error().message);
    }
    if (const int error = device_->configure(configuration.get()); error < 0) {
      return tl::unexpected(RefusalOf(error));
    }
    return Adopt(wanted);
  }

  Result<libcamera::PixelFormat> ChooseOffered(
      const libcamera::StreamConfiguration& proposed) const {
    std::vector<uint32_t> offered;
    std::vector<std::string> names;
    for (const libcamera::PixelFormat& format : proposed.formats().pixelformats()) {
      names.push_back(format.toString());
      // A modifier stands for tiling or compression.
      if (format.modifier() == 0) {
        offered.push_back(format.fourcc());
      }
    }
    if (const auto chosen = ChooseFormat(offered, proposed.pixelFormat.fourcc())) {
      return libcamera::PixelFormat(*chosen);
    }
    return Fail("camera '{}' offers no pixels that pistream can read, only {}", id_,
                fmt::join(names, ", "));
  }

  // What the camera made of the request.
  Result<LibcameraStream> Adopt(const libcamera::StreamConfiguration& adjusted) const
      PISTREAM_REQUIRES(mutex_) {
    const auto layout = LayoutOf(adjusted.pixelFormat.fourcc());
    if (!layout || adjusted.pixelFormat.modifier() != 0) {
      return Fail("camera '{}' only offers {}, which pistream cannot read", id_,
                  adjusted.pixelFormat.toString());
    }
    const Size size{static_cast<int>(adjusted.size.width), static_cast<int>(adjusted.size.height)};
    if (const auto possible = CheckSize(size); !possible) {
      return FailUsage("camera '{}' delivers {} instead: {}; choose another size", id_,
                       ToString(size), possible.error().message);
    }
    return LibcameraStream{.device = device_,
                           .stream = adjusted.stream(),
                           .size = size,
                           .layout = *layout,
                           .color_space = ColorSpaceOf(adjusted.colorSpace),
                           .stride = static_cast<int>(adjusted.stride)};
  }

  const std::string id_;
  Clock& clock_;
  Mutex mutex_;
  // In this order: libcamera's cameras are destroyed before their manager. Null after LetGo().
  std::shared_ptr<LibcameraManager> manager_ PISTREAM_GUARDED_BY(mutex_);
  std::shared_ptr<libcamera::Camera> device_ PISTREAM_GUARDED_BY(mutex_);
  std::shared_ptr<LibcameraSession> session_ PISTREAM_GUARDED_BY(mutex_);
  DeviceWatch watch_;  // last: its thread uses what is above
};

}  // namespace

std::unique_ptr<Camera> MakeLibcameraCamera(std::shared_ptr<LibcameraManager> manager,
                                            std::shared_ptr<libcamera::Camera> device,
                                            Clock& clock) {
  return std::make_unique<LibcameraCamera>(std::move(manager), std::move(device), clock);
}

}  // namespace pistream
