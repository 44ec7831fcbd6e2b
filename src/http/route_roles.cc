#include "src/http/route_roles.h"

#include <algorithm>

namespace pistream {

namespace http = boost::beast::http;

Role NeededRole(RouteKind kind, http::verb verb, std::span<const RouteMethod> methods) {
  switch (kind) {
    case RouteKind::kWebSocket:
    case RouteKind::kStreamList:
      return Role::kView;
    case RouteKind::kClassicPage:
    case RouteKind::kFolder:
    case RouteKind::kFile:
      return Role::kNone;
    case RouteKind::kEntry:
      break;
  }
  const http::verb as = verb == http::verb::head ? http::verb::get : verb;
  const auto found = std::ranges::find(methods, as, &RouteMethod::verb);
  return found == methods.end() ? Role::kControl : found->role;
}

}  // namespace pistream
