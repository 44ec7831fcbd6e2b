#include "src/encode/mpeg1/mpeg1_encoder_factory.h"

#include "src/encode/mpeg1/bitrate.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"

namespace pistream {

EncoderFactory MakeMpeg1EncoderFactory(Clock& clock) {
  return {.default_bitrate = DefaultBitrate,
          .sufficient_bitrate = Mpeg1Encoder::SufficientBitrateFor,
          .warning =
              [](const EncoderConfig& config) {
                return BitrateWarning(config.format, config.gop_pictures, config.bitrate_bps);
              },
          .create = [&clock](const EncoderConfig& config) -> Result<std::unique_ptr<Encoder>> {
            return Mpeg1Encoder::Create(config, clock);
          }};
}

}  // namespace pistream
