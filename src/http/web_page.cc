#include "src/http/web_page.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pistream {

std::string FillPlaceholders(std::string_view page, const PageValues& values) {
  const std::string ws_port = std::to_string(values.ws_port);
  const std::string address = values.host + ":" + ws_port + values.path;
  const std::array<std::pair<std::string_view, std::string>, 8> replacements = {{
      {"@ADDRESS@", address},
      {"${ADDRESS}", address},
      {"${WS_PORT}/", ws_port + values.path + "/"},  // `ws://${host}:${WS_PORT}/`
      {"${WS_PORT}", ws_port},
      {"${WIDTH}", std::to_string(values.size.width)},
      {"${HEIGHT}", std::to_string(values.size.height)},
      {"${COLOR}", "#444"},
      {"${BGCOLOR}", "#333"},
  }};
  std::string filled;
  while (!page.empty()) {
    const size_t plain = std::min(page.find_first_of("@$"), page.size());
    filled.append(page.substr(0, plain));
    page.remove_prefix(plain);
    const auto match =
        std::find_if(replacements.begin(), replacements.end(),
                     [&](const auto& entry) { return page.starts_with(entry.first); });
    if (match != replacements.end()) {
      filled.append(match->second);
      page.remove_prefix(match->first.size());
    } else if (!page.empty()) {
      filled.push_back(page.front());
      page.remove_prefix(1);
    }
  }
  return filled;
}

}  // namespace pistream
