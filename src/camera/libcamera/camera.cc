// Negotiation with a camera of libcamera's; libcamera_session.cc does the rest.
#include <libcamera/camera.h>
#include <libcamera/property_ids.h>
#include <libcamera/stream.h>
#include <libcamera/transform.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/base/log.h"
#include "src/camera/libcamera/controls.h"
#include "src/camera/libcamera/device.h"
#include "src/camera/libcamera/device_watch.h"
#include "src/camera/libcamera/format.h"
#include "src/camera/libcamera/session.h"

namespace pistream {
namespace {

// One with the encoder, one waiting for it, one displaced and about to come back; the camera works
// on the others. It may insist on another number.
constexpr unsigned kBuffers = 6;

libcamera::Orientation Flipped(libcamera::Orientation upright, const CameraConfig& config) {
  libcamera::Transform transform = libcamera::Transform::Identity;
  if (config.hflip) {
    transform ^= libcamera::Transform::HFlip;
  }
  if (config.vflip) {
    transform ^= libcamera::Transform::VFlip;
  }
  return upright * transform;
}

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

std::vector<dev_t> DevicesOf(const libcamera::Camera& camera) {
  const auto devices = camera.properties().get(libcamera::properties::SystemDevices);
  return devices ? std::vector<dev_t>(devices->begin(), devices->end()) : std::vector<dev_t>();
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
    std::lock_guard lock(mutex_);
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
    std::lock_guard lock(mutex_);
    if (session_) {
      EndSession();
    }
  }

 private:
  // On the watch's thread.
  void OnDevicesGone() {
    std::shared_ptr<LibcameraSession> session;
    {
      std::lock_guard lock(mutex_);
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

  // With mutex_ held, these two.
  void EndSession() {
    const bool gone = watch_.AnyGone();
    if (!session_->End(gone)) {
      manager_->OnceEnded([session = session_] { session->Abandon(); });
    }
    session_.reset();
    if (gone) {
      LetGo();
    }
  }

  // For good: libcamera's manager must have ended when the camera is plugged in again.
  void LetGo() {
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
    return {fmt::format("camera '{}' refuses: {}", id_, strerror(-error))};
  }

  Result<VideoFormat> StartAcquired(const CameraConfig& config, FrameSink& sink) {
    auto negotiated = Negotiate(config);
    if (!negotiated) {
      return tl::unexpected(std::move(negotiated.error()));
    }
    const FrameTimeChoice time =
        ChooseFrameTime(config.format.framerate, FrameTimeLimitsOf(device_->controls()));
    negotiated->frame_time = time.framerate.FrameTime();
    negotiated->hold = time.hold;
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

  // The camera is configured when it succeeds.
  Result<LibcameraStream> Negotiate(const CameraConfig& config) {
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
    const auto orientation = Flipped(configuration->orientation, config);
    configuration->orientation = orientation;
    if (configuration->validate() == libcamera::CameraConfiguration::Invalid) {
      return Fail("camera '{}' cannot deliver {}", id_, ToString(config.format.size));
    }
    if (configuration->orientation != orientation) {
      log::Warning("camera '{}' cannot turn its picture as asked", id_);
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

  // What the camera made of our wishes.
  Result<LibcameraStream> Adopt(const libcamera::StreamConfiguration& adjusted) const {
    const auto layout = LayoutOf(adjusted.pixelFormat.fourcc());
    if (!layout || adjusted.pixelFormat.modifier() != 0) {
      return Fail("camera '{}' insists on {}, which pistream cannot read", id_,
                  adjusted.pixelFormat.toString());
    }
    const Size size{static_cast<int>(adjusted.size.width), static_cast<int>(adjusted.size.height)};
    if (const auto possible = CheckSize(size); !possible) {
      return Fail("camera '{}' delivers {} instead: {}; choose another size", id_, ToString(size),
                  possible.error().message);
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
  std::mutex mutex_;
  // In this order: libcamera's cameras go before their manager. None once their devices have gone.
  std::shared_ptr<LibcameraManager> manager_;
  std::shared_ptr<libcamera::Camera> device_;
  std::shared_ptr<LibcameraSession> session_;
  DeviceWatch watch_;  // last: its thread uses what is above
};

}  // namespace

std::unique_ptr<Camera> MakeLibcameraCamera(std::shared_ptr<LibcameraManager> manager,
                                            std::shared_ptr<libcamera::Camera> device,
                                            Clock& clock) {
  return std::make_unique<LibcameraCamera>(std::move(manager), std::move(device), clock);
}

}  // namespace pistream
