// Who a client is, by the secrets that its request carries: a token, or the cookie of a session.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/credential.h"
#include "src/auth/failure_limit.h"
#include "src/auth/role.h"
#include "src/auth/session_cookie.h"
#include "src/auth/session_epochs.h"
#include "src/auth/tokens.h"
#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/result.h"

namespace pistream {

// What a request carries. Valid during the call only.
struct Credentials {
  std::string_view authorization;                              // the header's value; empty: none
  std::vector<std::string_view> cookies = {};                  // the values of Cookie headers
  std::optional<std::string_view> query_token = std::nullopt;  // of ?token=
  std::string_view address;                                    // the client's
  // A page of another site made the browser send it: nothing to hold against who uses the browser.
  bool is_of_foreign_page = false;
};

struct Authentication {
  enum class Outcome : uint8_t {
    kGranted,      // there was a right secret, or none is needed
    kNoSecret,     // nothing was wrong: an expired session is none
    kMisplaced,    // the token to control, in the address
    kWrongSecret,  // and no right one
    kTooMany,      // the same, from an address that was wrong too often
  };

  Outcome outcome = Outcome::kNoSecret;
  Role role = Role::kNone;              // kNone unless granted
  std::chrono::seconds retry_after{0};  // of kTooMany
  // What granted it: a token rather than a cookie, since it lasts longer.
  CredentialId credential = CredentialId::kNone;

  bool operator==(const Authentication&) const = default;
};

// The line of the log for a wrong secret, with what counts as one address. fail2ban finds it, and
// counts and bans the same: docs/fail2ban/ has the filter.
std::string FailureLine(std::string_view address);

// One for a server. Thread-safe. Secrets are compared in constant time, and never logged.
//
// A right secret passes, however often others were wrong before: nobody can lock the house out by
// guessing. Each wrong one within the limit is a line in the log that fail2ban counts; others get
// kTooMany, whose responses are late. Random tokens need no more.
class Authenticator {
 public:
  using WallClock = std::function<std::chrono::sys_seconds()>;

  // `tokens`: nothing: everybody may do everything. `instance` is for SessionCookieName. `clock`
  // outlives it; `wall_clock` is called on any thread.
  Authenticator(std::optional<Tokens> tokens, std::string_view instance, Clock& clock,
                WallClock wall_clock);

  // Keeps in `file` what sessions need to survive a restart. Blocks. Before others use it.
  Result<void> KeepSessionsIn(const std::filesystem::path& file);

  // From now on. Other tokens than before end all sessions.
  void SetTokens(const std::optional<Tokens>& tokens);

  // The highest role that a secret of the request grants. Of the query, only the token for kView
  // counts: addresses are kept in histories and logs.
  Authentication Authenticate(const Credentials& given);

  struct LogInResult {
    Authentication authentication;
    std::string set_cookie;  // if granted; empty if everybody may do everything, or by `cookies`
  };
  // `cookies`: as in Credentials. A session of a higher role than the token's stays: who may
  // control can open an address with the token to view.
  LogInResult LogIn(std::string_view token, std::string_view address, bool is_secure,
                    const std::vector<std::string_view>& cookies = {});

  // The Set-Cookie that ends the session of one browser.
  std::string LogOut(bool is_secure) const;

  // Ends sessions everywhere: of kControl all, of kView those of kView. Blocks while the epochs are
  // written. After an error they have ended, but only until the next start.
  Result<void> LogOutEverywhere(Role role);

  // What lets somebody in now.
  ValidCredentials valid_credentials() const;

  // Whether everybody may do everything.
  bool is_open() const;

 private:
  struct Keys;

  std::shared_ptr<const Keys> keys() const;
  // The one with the highest role; of kNone if there is none.
  Session SessionOfCookies(const Keys& keys, const std::vector<std::string_view>& headers) const;
  Authentication Refuse(std::string_view address, bool is_of_foreign_page);

  const std::string cookie_name_;
  const WallClock wall_clock_;
  SessionEpochs epochs_;
  mutable Mutex mutex_;
  std::shared_ptr<const Keys> keys_ PISTREAM_GUARDED_BY(mutex_);  // null: open
  FailureLimit failures_ PISTREAM_GUARDED_BY(mutex_);
  FailureLimit foreign_failures_ PISTREAM_GUARDED_BY(mutex_);  // of foreign pages, never logged
  FailureLimit lines_ PISTREAM_GUARDED_BY(mutex_);             // of the log
};

}  // namespace pistream
