#include "src/auth/session_cookie.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "fmt/format.h"
#include "src/auth/base64.h"

namespace pistream {
namespace {

// The session: version, role, expiry (seconds since 1970), epoch; big-endian.
constexpr size_t kSessionBytes = 18;
constexpr uint8_t kVersion = 1;

// What keys and names are made for, so that one cannot be taken for another.
constexpr std::string_view kKeyLabel = "pistream session key 2 ";
constexpr std::string_view kNameLabel = "pistream session name 1 ";

void AppendNumber(uint64_t number, std::string& bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xFF));
  }
}

uint64_t NumberAt(std::string_view bytes, size_t offset) {
  uint64_t number = 0;
  for (const char byte : bytes.substr(offset, 8)) {
    number = number << 8 | static_cast<uint8_t>(byte);
  }
  return number;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string_view Unquoted(std::string_view text) {
  return text.size() >= 2 && text.starts_with('"') && text.ends_with('"')
             ? text.substr(1, text.size() - 2)
             : text;
}

std::string Attributes(bool is_secure) {
  return is_secure ? "; HttpOnly; SameSite=Strict; Secure" : "; HttpOnly; SameSite=Strict";
}

}  // namespace

// The digests have one length, so that two pairs of tokens never make one text.
SessionKey::SessionKey(const Digest& secret, const Tokens& tokens)
    : key_(HmacSha256(secret, std::string(kKeyLabel) + EncodeBase64Url(Sha256(tokens.view)) +
                                  EncodeBase64Url(Sha256(tokens.control)))) {}

std::string SessionKey::Sign(const Session& session) const {
  std::string bytes;
  bytes.push_back(static_cast<char>(kVersion));
  bytes.push_back(static_cast<char>(session.role));
  AppendNumber(static_cast<uint64_t>(session.expiry.time_since_epoch().count()), bytes);
  AppendNumber(session.epoch, bytes);
  const Digest signature = HmacSha256(key_, bytes);
  bytes.append(signature.begin(), signature.end());
  return EncodeBase64Url({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

std::optional<Session> SessionKey::Verify(std::string_view value) const {
  constexpr size_t kBytes = kSessionBytes + sizeof(Digest);
  const auto decoded = value.size() == (kBytes * 8 + 5) / 6 ? DecodeBase64Url(value) : std::nullopt;
  if (!decoded) {
    return std::nullopt;
  }
  const std::string_view bytes = std::string_view(*decoded).substr(0, kSessionBytes);
  Digest signature{};
  std::copy_n(decoded->begin() + kSessionBytes, signature.size(), signature.begin());
  if (!AreEqual(signature, HmacSha256(key_, bytes))) {
    return std::nullopt;
  }
  const auto role = static_cast<Role>(bytes[1]);
  if (static_cast<uint8_t>(bytes[0]) != kVersion ||
      (role != Role::kView && role != Role::kControl)) {
    return std::nullopt;
  }
  return Session{.role = role,
                 .expiry = std::chrono::sys_seconds(
                     std::chrono::seconds(static_cast<int64_t>(NumberAt(bytes, 2)))),
                 .epoch = NumberAt(bytes, 10)};
}

std::string SessionCookieName(std::string_view instance) {
  const Digest digest = Sha256(std::string(kNameLabel) + std::string(instance));
  std::string name = "pistream_session_";
  for (const uint8_t byte : std::span(digest).first<4>()) {
    name += fmt::format("{:02x}", byte);
  }
  return name;
}

std::string SetSessionCookie(std::string_view name, std::string_view value, bool is_secure) {
  return fmt::format("{}={}; Max-Age={}{}", name, value, kSessionLength.count(),
                     Attributes(is_secure));
}

std::string ClearSessionCookie(std::string_view name, bool is_secure) {
  return fmt::format("{}=; Max-Age=0{}", name, Attributes(is_secure));
}

std::vector<std::string_view> CookieValues(std::string_view header, std::string_view name) {
  std::vector<std::string_view> values;
  while (!header.empty()) {
    const size_t end = std::min(header.find(';'), header.size());
    const std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && Trimmed(pair.substr(0, equals)) == name) {
      values.push_back(Unquoted(Trimmed(pair.substr(equals + 1))));
    }
  }
  return values;
}

}  // namespace pistream
