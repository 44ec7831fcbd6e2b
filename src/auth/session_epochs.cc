#include "src/auth/session_epochs.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "src/auth/base64.h"
#include "src/auth/digest.h"
#include "src/auth/private_file.h"
#include "src/base/log.h"
#include "src/base/parse_number.h"

namespace pistream {
namespace {

constexpr size_t kMaximumFile = 256;  // bytes
constexpr std::string_view kHeading = "pistream-sessions-2";

Digest NewSecret() {
  Digest secret{};
  FillRandomly(secret);
  return secret;
}

std::optional<Digest> ParseSecret(std::string_view text) {
  const auto bytes = DecodeBase64Url(text);
  Digest secret{};
  if (!bytes || bytes->size() != secret.size()) {
    return std::nullopt;
  }
  std::ranges::copy(*bytes, secret.begin());
  return secret;
}

uint64_t NewEpoch() {
  std::array<uint8_t, sizeof(uint64_t)> bytes{};
  FillRandomly(bytes);
  uint64_t epoch = 0;
  for (const uint8_t byte : bytes) {
    epoch = epoch << 8 | byte;
  }
  return epoch;
}

// The next word of `text`, which is removed from it with what separates it.
std::string_view TakeWord(std::string_view& text) {
  const size_t end = std::min(text.find_first_of(" \n"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

SessionEpochs::SessionEpochs() : epochs_{.secret = NewSecret()} {}

// "pistream-sessions-2 SECRET VIEW CONTROL"
Result<void> SessionEpochs::Load(const std::filesystem::path& file, SessionEpochs& epochs) {
  const auto text = ReadPrivateFile(file, Readers::kOwner, kMaximumFile);
  std::string_view rest = text && *text ? std::string_view(**text) : std::string_view();
  const bool has_heading = TakeWord(rest) == kHeading;
  const auto secret = ParseSecret(TakeWord(rest));
  const auto view = ParseNumber<uint64_t>(TakeWord(rest));
  const auto control = ParseNumber<uint64_t>(TakeWord(rest));
  const MutexLock writing(epochs.writing_);
  {
    const MutexLock lock(epochs.mutex_);
    epochs.file_ = file;
    if (has_heading && secret && view && control && rest.empty()) {
      epochs.epochs_ = {.secret = *secret, .view = *view, .control = *control};
      return {};
    }
    epochs.epochs_ = {.secret = NewSecret(), .view = NewEpoch(), .control = NewEpoch()};
  }
  if (!text || *text) {
    log::Warning(
        "all have to log in again: {}",
        text ? file.string() + " is faulty, or of an older version" : text.error().message);
  }
  return epochs.Keep();
}

uint64_t SessionEpochs::Of(Role role) const {
  const MutexLock lock(mutex_);
  return role == Role::kControl ? epochs_.control : epochs_.view;
}

Result<void> SessionEpochs::End(Role role) {
  const MutexLock writing(writing_);
  {
    const MutexLock lock(mutex_);
    epochs_.view = NewEpoch();
    if (role == Role::kControl) {
      epochs_.control = NewEpoch();
    }
  }
  return Keep();
}

Digest SessionEpochs::secret() const {
  const MutexLock lock(mutex_);
  return epochs_.secret;
}

Result<void> SessionEpochs::Keep() {
  std::filesystem::path file;
  Epochs epochs;
  {
    const MutexLock lock(mutex_);
    file = file_;
    epochs = epochs_;
  }
  if (file.empty()) {
    return {};
  }
  return WritePrivateFile(
      file, fmt::format("{} {} {} {}\n", kHeading, EncodeBase64Url(epochs.secret), epochs.view,
                        epochs.control));
}

}  // namespace pistream
