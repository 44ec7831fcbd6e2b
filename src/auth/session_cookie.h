// The cookie of somebody who has logged in. It says itself what it is worth: the server keeps no
// list of sessions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/digest.h"
#include "src/auth/role.h"
#include "src/auth/tokens.h"

namespace pistream {

inline constexpr std::chrono::seconds kSessionLength = std::chrono::days(30);

struct Session {
  Role role = Role::kNone;  // kView or kControl
  std::chrono::sys_seconds expiry;
  uint64_t epoch = 0;  // as SessionEpochs had it for this role

  bool operator==(const Session&) const = default;
};

// Signs sessions, with a key that is made of the server's secret and both tokens: other tokens end
// all sessions, and who has a cookie and one token cannot find out the other one by trying.
// Immutable: any thread.
class SessionKey {
 public:
  SessionKey(const Digest& secret, const Tokens& tokens);

  // The cookie's value: the session and its HMAC-SHA256, in base64url.
  std::string Sign(const Session& session) const;

  // Nothing for a value that Sign has not made with this key. Says nothing of expiry and epoch.
  std::optional<Session> Verify(std::string_view value) const;

 private:
  Digest key_;
};

// Cookies know no ports, so each server of a host needs a name of its own. `instance` tells them
// apart, such as "pi:8082".
std::string SessionCookieName(std::string_view instance);

// Values of Set-Cookie. There is no Path: the browser's default is the folder of the request's
// address, also behind a proxy that adds a prefix. `is_secure`: the request came by TLS.
std::string SetSessionCookie(std::string_view name, std::string_view value, bool is_secure);
std::string ClearSessionCookie(std::string_view name, bool is_secure);

// The values of all cookies called `name` in a Cookie header (RFC 6265, 4.2), without quotes. Of
// one name there may be several, of different paths.
std::vector<std::string_view> CookieValues(std::string_view header, std::string_view name);

}  // namespace pistream
