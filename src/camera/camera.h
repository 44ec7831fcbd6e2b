// The camera, as the rest of pistream sees it.
//
//   camera->Start(config, sink)  ->  sink.OnFrame(frame) ... on the camera's thread
//   camera->Stop()               ->  no call to the sink after it returns
//
// Two kinds back it: libcamera's (src/camera/libcamera/camera.h) and the simulated one (sim/). Both
// pass the same contract suite: tests/contract/camera_contract.h.
#pragma once

#include <map>
#include <string>

#include "src/base/result.h"
#include "src/media/frame.h"
#include "src/media/video_format.h"

namespace pistream {

struct CameraConfig {
  VideoFormat format;
  bool hflip = false;
  bool vflip = false;
  // By libcamera's name of the control, such as "Brightness"; 0 and 1 for those of type bool.
  std::map<std::string, double> controls = {};

  bool operator==(const CameraConfig&) const = default;
};

// Receives a camera's frames. Called on threads of the camera's, never concurrently, only between
// Start and the return of Stop. Must return quickly: a camera waits for it.
class FrameSink {
 public:
  virtual ~FrameSink() = default;

  // Sequence and capture time rise strictly from call to call. Keeping the frame keeps one of the
  // camera's few buffers: a sink that keeps them all makes the camera drop frames (which shows as
  // gaps in the sequence), never block.
  virtual void OnFrame(Frame frame) noexcept = 0;

  // The camera is gone or broken; no further frame comes until it is opened again. At most once
  // between Start and Stop. The sink must not call Stop from here.
  virtual void OnCameraLost(const Error& error) noexcept = 0;
};

// Not thread-safe: one owner calls it, from one thread at a time, never from within its sink.
class Camera {
 public:
  // Stops. Frames still out stay valid.
  virtual ~Camera() = default;

  // Begins to deliver frames to `sink`, which must outlive the matching Stop. Returns what the
  // camera really delivers: its nearest size and rate. Fails for a format that CheckFormat refuses,
  // for a control that it has not, and for a camera that is gone: it is still stopped then, and
  // Start may be tried again. Fails for a camera already started, which goes on undisturbed.
  virtual Result<VideoFormat> Start(const CameraConfig& config, FrameSink& sink) = 0;

  // Returns when no call to the sink is under way or to come, whether or not frames are still out;
  // never waits for those. Harmless when stopped.
  virtual void Stop() = 0;
};

}  // namespace pistream
