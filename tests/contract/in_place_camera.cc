#include "tests/contract/in_place_camera.h"

#include <libcamera/camera.h>

#include <utility>

#include "src/camera/libcamera/manager.h"
#include "src/camera/libcamera/session.h"
#include "src/media/video_format.h"

namespace pistream {
namespace {

class InPlaceCamera final : public Camera {
 public:
  InPlaceCamera(std::shared_ptr<LibcameraManager> manager, Clock& clock)
      : manager_(std::move(manager)), device_(manager_->Cameras().front()), clock_(clock) {}
  InPlaceCamera(const InPlaceCamera&) = delete;
  InPlaceCamera& operator=(const InPlaceCamera&) = delete;
  ~InPlaceCamera() override { Stop(); }

  Result<VideoFormat> Start(const CameraConfig& config, FrameSink& sink) override {
    if (session_ || device_->acquire() < 0) {
      return Fail("started already");
    }
    auto session = Configure(config.format).and_then([&](LibcameraStream&& stream) {
      return LibcameraSession::Make(std::move(stream), sink, clock_);
    });
    if (!session) {
      device_->release();
      return tl::unexpected(session.error());
    }
    session_ = *session;
    return session_->Begin(libcamera::ControlList(device_->controls())).map([&] {
      return config.format;
    });
  }

  void Stop() override {
    if (session_) {
      static_cast<void>(std::exchange(session_, nullptr)->End(/*devices_gone=*/false));
    }
  }

 private:
  Result<LibcameraStream> Configure(const VideoFormat& format) {
    if (const auto possible = CheckFormat(format); !possible) {
      return tl::unexpected(possible.error());
    }
    const auto configuration =
        device_->generateConfiguration({libcamera::StreamRole::VideoRecording});
    auto& wanted = configuration->at(0);
    wanted.size = {static_cast<unsigned>(format.size.width),
                   static_cast<unsigned>(format.size.height)};
    if (configuration->validate() != libcamera::CameraConfiguration::Valid ||
        device_->configure(configuration.get()) < 0) {
      return Fail("not one of its sizes");
    }
    return LibcameraStream{.device = device_,
                           .stream = wanted.stream(),
                           .size = format.size,
                           .layout = PixelLayout::kI420,
                           .color_space = {},
                           .stride = static_cast<int>(wanted.stride),
                           .frame_time = format.framerate.FrameTime(),
                           .hold = false};
  }

  const std::shared_ptr<LibcameraManager> manager_;
  const std::shared_ptr<libcamera::Camera> device_;
  Clock& clock_;
  std::shared_ptr<LibcameraSession> session_;
};

class InPlaceSource final : public CameraSource {
 public:
  explicit InPlaceSource(Clock& clock) : clock_(clock) {}

  Result<std::unique_ptr<Camera>> Open() override {
    return LibcameraManager::Lease().map([this](std::shared_ptr<LibcameraManager> manager) {
      return std::unique_ptr<Camera>(std::make_unique<InPlaceCamera>(std::move(manager), clock_));
    });
  }

  std::string Name() const override { return "libcamera's virtual camera, in place"; }

 private:
  Clock& clock_;
};

}  // namespace

std::unique_ptr<CameraSource> MakeInPlaceSource(Clock& clock) {
  return std::make_unique<InPlaceSource>(clock);
}

}  // namespace pistream
