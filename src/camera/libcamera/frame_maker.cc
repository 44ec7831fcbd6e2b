#include "src/camera/libcamera/frame_maker.h"

#include <utility>

namespace pistream {

Result<FrameMaker> FrameMaker::Make(const LibcameraStream& stream,
                                    std::shared_ptr<RequestQueue> requests) {
  FrameMaker maker(stream.size, std::move(requests));
  if (stream.layout == PixelLayout::kI420 && stream.color_space == SampleMeaning()) {
    return maker;
  }
  auto converter = PixelConverter::Make(stream.layout, stream.color_space, stream.size);
  if (!converter) {
    return tl::unexpected(std::move(converter.error()));
  }
  maker.converter_ = *std::move(converter);
  maker.converted_ = std::make_shared<I420Pool>(stream.size, maker.requests_->size());
  return maker;
}

Frame FrameMaker::MakeFrame(int slot, const FrameCounter::Numbered& numbered) {
  Frame::Contents contents;
  contents.size = size_;
  contents.sequence = numbered.sequence;
  contents.captured = numbered.captured;
  if (converter_) {
    return Convert(slot, contents);
  }
  requests_->Lend(slot);
  contents.planes = requests_->Planes(slot);
  return {contents, requests_, slot};
}

Frame FrameMaker::Convert(int slot, Frame::Contents contents) {
  const std::optional<int> picture = converted_->Take();
  if (picture) {
    requests_->BeginRead(slot);
    converter_->Convert(requests_->Planes(slot), converted_->Writable(*picture));
    requests_->EndRead(slot);
  }
  requests_->Return(slot);
  if (!picture) {
    return {};
  }
  contents.planes = converted_->Readable(*picture);
  return {contents, converted_, *picture};
}

}  // namespace pistream
