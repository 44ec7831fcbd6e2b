// Which role a request needs, by its kind; for an entry, by its table of methods. Of what anybody
// may have, some responses tell more to who may watch: see RouteFile and Health in routes.cc.
#pragma once

#include <boost/beast/http/verb.hpp>
#include <cstdint>
#include <ostream>  // for verb.hpp
#include <span>

#include "src/auth/role.h"

namespace pistream {

// What a request is for.
enum class RouteKind : uint8_t {
  kWebSocket,    // a stream: at "stream", in a folder, or on the classic port
  kClassicPage,  // anything else on the classic port: the response says what that is
  kStreamList,   // no stream has this name: the response names those that there are
  kFolder,       // leads to the page in it
  kFile,         // of the page, which asks to log in. Of the web root only from kView on
  kEntry,        // a RouteEntry
};

struct RouteMethod {
  boost::beast::http::verb verb;  // HEAD is allowed where GET is
  Role role;                      // that it needs
};

// The role for a request of `kind` with an allowed method; of a kEntry, which has `methods`, with
// `verb`.
Role NeededRole(RouteKind kind, boost::beast::http::verb verb,
                std::span<const RouteMethod> methods);

}  // namespace pistream
