// A session of one of libcamera's virtual cameras, without the Camera around it.
#pragma once

#include <libcamera/camera.h>

#include <chrono>
#include <memory>
#include <string_view>

#include "src/camera/libcamera/manager.h"
#include "src/camera/libcamera/session.h"

namespace pistream {

inline std::shared_ptr<libcamera::Camera> FindVirtual(const LibcameraManager& manager,
                                                      std::string_view id) {
  for (const auto& camera : manager.Cameras()) {
    if (camera->id() == id) {
      return camera;
    }
  }
  return nullptr;
}

// Acquires and starts the camera.
inline std::shared_ptr<LibcameraSession> StartSession(
    const std::shared_ptr<libcamera::Camera>& device, FrameSink& sink) {
  if (device->acquire() != 0) {
    return nullptr;
  }
  const auto configuration = device->generateConfiguration({libcamera::StreamRole::VideoRecording});
  auto& wanted = configuration->at(0);
  wanted.size = {320, 240};
  if (configuration->validate() != libcamera::CameraConfiguration::Valid ||
      device->configure(configuration.get()) != 0) {
    return nullptr;
  }
  auto session = LibcameraSession::Make({.device = device,
                                         .stream = wanted.stream(),
                                         .size = {320, 240},
                                         .layout = PixelLayout::kNv12,
                                         .color_space = {},
                                         .stride = static_cast<int>(wanted.stride),
                                         .frame_time = std::chrono::milliseconds(20)},
                                        sink, Clock::Real());
  if (!session || !(*session)->Begin(libcamera::ControlList(device->controls()))) {
    return nullptr;
  }
  return *session;
}

}  // namespace pistream
