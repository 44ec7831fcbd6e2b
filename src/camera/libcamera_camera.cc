// Negotiation with a camera of libcamera's; libcamera_session.cc does the rest.
#include <libcamera/camera.h>
#include <libcamera/stream.h>
#include <libcamera/transform.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "src/base/log.h"
#include "src/camera/libcamera_controls.h"
#include "src/camera/libcamera_device.h"
#include "src/camera/libcamera_format.h"
#include "src/camera/libcamera_session.h"

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

SampleMeaning MeaningOf(const std::optional<libcamera::ColorSpace>& space) {
  if (!space) {
    return {};
  }
  return {.full_range = space->range == libcamera::ColorSpace::Range::Full,
          .bt709 = space->ycbcrEncoding == libcamera::ColorSpace::YcbcrEncoding::Rec709};
}

class LibcameraCamera final : public Camera {
 public:
  LibcameraCamera(std::shared_ptr<LibcameraManager> manager,
                  std::shared_ptr<libcamera::Camera> device, Clock& clock)
      : manager_(std::move(manager)), device_(std::move(device)), clock_(clock) {}
  LibcameraCamera(const LibcameraCamera&) = delete;
  LibcameraCamera& operator=(const LibcameraCamera&) = delete;
  ~LibcameraCamera() override { Stop(); }

  Result<VideoFormat> Start(const CameraConfig& config, FrameSink& sink) override {
    if (session_) {
      return Fail("camera '{}' has been started already", device_->id());
    }
    if (const auto possible = CheckFormat(config.format); !possible) {
      return tl::unexpected(possible.error());
    }
    if (const int error = gone_ ? -ENODEV : device_->acquire(); error < 0) {
      return tl::unexpected(RefusalOf(error));
    }
    auto started = StartAcquired(config, sink);
    if (!started && session_) {
      Stop();
    } else if (!started) {
      device_->release();
    }
    return started;
  }

  void Stop() override {
    if (session_ && !session_->End()) {
      manager_->OnceGone([session = session_] { session->Abandon(); });
      gone_ = true;
    }
    session_.reset();
  }

 private:
  Error RefusalOf(int error) const {
    if (error == -EBUSY) {
      return {fmt::format("camera '{}' is in use by another program: stop that one first",
                          device_->id())};
    }
    if (error == -ENODEV) {
      return {fmt::format("camera '{}' is gone: check its cable", device_->id())};
    }
    return {fmt::format("camera '{}' refuses: {}", device_->id(), strerror(-error))};
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
      return Fail("camera '{}' cannot record video", device_->id());
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
      return Fail("camera '{}' cannot deliver {}", device_->id(), ToString(config.format.size));
    }
    if (configuration->orientation != orientation) {
      log::Warning("camera '{}' cannot turn its picture as asked", device_->id());
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
    return Fail("camera '{}' offers no pixels that pistream can read, only {}", device_->id(),
                fmt::join(names, ", "));
  }

  // What the camera made of our wishes.
  Result<LibcameraStream> Adopt(const libcamera::StreamConfiguration& adjusted) const {
    const auto layout = LayoutOf(adjusted.pixelFormat.fourcc());
    if (!layout || adjusted.pixelFormat.modifier() != 0) {
      return Fail("camera '{}' insists on {}, which pistream cannot read", device_->id(),
                  adjusted.pixelFormat.toString());
    }
    const Size size{static_cast<int>(adjusted.size.width), static_cast<int>(adjusted.size.height)};
    if (const auto possible = CheckSize(size); !possible) {
      return Fail("camera '{}' delivers {} instead: {}; choose another size", device_->id(),
                  ToString(size), possible.error().message);
    }
    return LibcameraStream{.device = device_,
                           .stream = adjusted.stream(),
                           .size = size,
                           .layout = *layout,
                           .meaning = MeaningOf(adjusted.colorSpace),
                           .stride = static_cast<int>(adjusted.stride)};
  }

  // In this order: libcamera's cameras go before their manager.
  const std::shared_ptr<LibcameraManager> manager_;
  const std::shared_ptr<libcamera::Camera> device_;
  Clock& clock_;
  std::shared_ptr<LibcameraSession> session_;
  bool gone_ = false;  // for good: the next of its kind is another device
};

}  // namespace

std::unique_ptr<Camera> MakeLibcameraCamera(std::shared_ptr<LibcameraManager> manager,
                                            std::shared_ptr<libcamera::Camera> device,
                                            Clock& clock) {
  return std::make_unique<LibcameraCamera>(std::move(manager), std::move(device), clock);
}

}  // namespace pistream
