#include "src/app/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "toml++/toml.h"

namespace pistream {
namespace {

constexpr std::string_view kStreams = "streams";

using Entry = std::pair<const toml::key*, const toml::node*>;

// toml++ sorts a table's keys by name; this is the file's order.
std::vector<Entry> InFileOrder(const toml::table& table) {
  std::vector<Entry> entries;
  for (const auto& [key, node] : table) {
    entries.emplace_back(&key, &node);
  }
  std::ranges::sort(entries, [](const Entry& one, const Entry& other) {
    const toml::source_position& a = one.first->source().begin;
    const toml::source_position& b = other.first->source().begin;
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return entries;
}

std::vector<std::string_view> NamesOf(Setting::Scope scope) {
  std::vector<std::string_view> names;
  for (const Setting& setting : AllSettings()) {
    if (setting.scope == scope) {
      names.push_back(setting.name);
    }
  }
  return names;
}

std::vector<std::string_view> NamesAtTop() {
  std::vector<std::string_view> names = {kStreams};
  for (const Setting& setting : AllSettings()) {
    const std::string_view table = TableOf(setting.scope);
    names.push_back(table.empty() ? setting.name : table);
  }
  return names;
}

bool IsTable(std::string_view name) {
  return std::ranges::any_of(
      AllSettings(), [&](const Setting& setting) { return TableOf(setting.scope) == name; });
}

// As TOML wants a key to be written.
std::string Quoted(std::string_view key) {
  constexpr std::string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  const bool is_bare = !key.empty() && key.find_first_not_of(kBare) == std::string_view::npos;
  return is_bare ? std::string(key) : fmt::format("\"{}\"", key);
}

// What TOML's own error for `framerate = 1/10` does not tell.
std::string_view HintFor(std::string_view text, const toml::source_region& where) {
  for (toml::source_index line = 1; line < where.begin.line; ++line) {
    text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
  }
  text = text.substr(0, text.find('\n'));
  text = text.substr(0, text.find('#'));
  const bool is_fraction = text.find("framerate") != std::string_view::npos &&
                           text.find('/') != std::string_view::npos &&
                           text.find_first_of("\"'") == std::string_view::npos;
  return is_fraction ? "; write a fraction in quotes" : "";
}

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Result<ConfigFile> Read(const toml::table& root) {
    ConfigFile result;
    const toml::node* const streams = root.get(kStreams);
    for (const auto& [key, node] : InFileOrder(root)) {
      if (node == streams) {
        continue;
      }
      if (IsTable(key->str())) {
        if (auto read = ReadTable(*key, *node, result.assignments); !read) {
          return tl::unexpected(std::move(read).error());
        }
        continue;
      }
      auto assignment = ReadTopLevel(*key, *node, streams != nullptr);
      if (!assignment) {
        return tl::unexpected(std::move(assignment).error());
      }
      result.assignments.push_back(*std::move(assignment));
    }
    if (streams != nullptr) {
      result.has_tables = true;
      if (auto read = ReadStreams(*streams, result.streams); !read) {
        return tl::unexpected(std::move(read).error());
      }
    }
    return result;
  }

  template <typename... Args>
  tl::unexpected<Error> FailAt(const toml::source_region& where, fmt::format_string<Args...> format,
                               Args&&... args) const {
    return FailUsage("{}: {}", Place(where), fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::string Place(const toml::source_region& where) const {
    return fmt::format("{}:{}", file_, where.begin.line);
  }

  Result<Assignment> ReadTopLevel(const toml::key& key, const toml::node& node, bool has_tables) {
    const Setting* const setting = FindSetting(key.str());
    if (setting == nullptr) {
      const auto names = NamesAtTop();
      return FailAt(key.source(), "'{}' is not a setting{}", key.str(),
                    Suggestion(key.str(), names, "'", "'"));
    }
    if (const std::string_view table = TableOf(setting->scope); !table.empty()) {
      return FailAt(key.source(), "'{}' is not a setting here: write {} below [{}]", key.str(),
                    NameInFile(*setting), table);
    }
    if (has_tables && setting->scope == Setting::Scope::kStream) {
      return FailAt(key.source(),
                    "'{}' belongs to one stream: move it into each [streams.NAME] that needs it",
                    key.str());
    }
    return ReadAssignment(*setting, key, node, "");
  }

  // [auth] and the like.
  Result<void> ReadTable(const toml::key& key, const toml::node& node,
                         std::vector<Assignment>& assignments) {
    const toml::table* const table = node.as_table();
    if (table == nullptr) {
      return FailAt(key.source(), "'{}' is not a table: write [{}]", key.str(), key.str());
    }
    std::vector<std::string_view> names;
    for (const Setting& setting : AllSettings()) {
      if (TableOf(setting.scope) == key.str()) {
        names.push_back(NameInFile(setting));
      }
    }
    const std::string heading = fmt::format("[{}] ", key.str());
    for (const auto& [name, value] : InFileOrder(*table)) {
      const Setting* const setting = FindSetting(fmt::format("{}-{}", key.str(), name->str()));
      if (setting == nullptr) {
        return FailAt(name->source(), "{}'{}' is not a setting of this table{}", heading,
                      name->str(), Suggestion(name->str(), names, "'", "'"));
      }
      auto assignment = ReadAssignment(*setting, *name, *value, heading);
      if (!assignment) {
        return tl::unexpected(std::move(assignment).error());
      }
      assignments.push_back(*std::move(assignment));
    }
    return {};
  }

  Result<void> ReadStreams(const toml::node& node, std::vector<StreamTable>& streams) {
    const toml::table* const tables = node.as_table();
    if (tables == nullptr) {
      return FailAt(node.source(), "'streams' is not a table: write [streams.NAME]");
    }
    for (const auto& [key, stream] : InFileOrder(*tables)) {
      auto table = ReadStream(*key, *stream);
      if (!table) {
        return tl::unexpected(std::move(table).error());
      }
      streams.push_back(*std::move(table));
    }
    return {};
  }

  Result<StreamTable> ReadStream(const toml::key& key, const toml::node& node) {
    const toml::table* const table = node.as_table();
    if (table == nullptr) {
      return FailAt(key.source(), "'{}' is not a table: write [streams.NAME], and '{}' below it",
                    key.str(), key.str());
    }
    const std::string heading = fmt::format("[streams.{}]", Quoted(key.str()));
    StreamTable result{.name = std::string(key.str()),
                       .place = fmt::format("{}: {}", Place(key.source()), heading),
                       .assignments = {}};
    for (const auto& [name, value] : InFileOrder(*table)) {
      auto assignment = ReadInStream(*name, *value, heading);
      if (!assignment) {
        return tl::unexpected(std::move(assignment).error());
      }
      result.assignments.push_back(*std::move(assignment));
    }
    return result;
  }

  Result<Assignment> ReadInStream(const toml::key& key, const toml::node& node,
                                  const std::string& heading) {
    const Setting* const setting = FindSetting(key.str());
    if (setting == nullptr) {
      const auto names = NamesOf(Setting::Scope::kStream);
      return FailAt(key.source(), "{} '{}' is not a stream's setting{}", heading, key.str(),
                    Suggestion(key.str(), names, "'", "'"));
    }
    if (setting->scope != Setting::Scope::kStream) {
      return FailAt(key.source(),
                    "{} '{}' is not a stream's setting: move it above the first [streams] table",
                    heading, key.str());
    }
    return ReadAssignment(*setting, key, node, heading + " ");
  }

  Result<Assignment> ReadAssignment(const Setting& setting, const toml::key& key,
                                    const toml::node& node, const std::string& heading) {
    Assignment assignment{
        .setting = &setting,
        .texts = {},
        .place = fmt::format("{}: {}{}", Place(key.source()), heading, NameInFile(setting))};
    const toml::array* const list = node.as_array();
    if (list == nullptr || setting.kind != Setting::Kind::kList) {
      auto text = ReadText(setting, node, assignment.place);
      if (!text) {
        return tl::unexpected(std::move(text).error());
      }
      assignment.texts.push_back(*std::move(text));
      return assignment;
    }
    for (const toml::node& element : *list) {
      auto text = ReadText(setting, element, assignment.place);
      if (!text) {
        return tl::unexpected(std::move(text).error());
      }
      assignment.texts.push_back(*std::move(text));
    }
    return assignment;
  }

  static Result<std::string> ReadText(const Setting& setting, const toml::node& node,
                                      const std::string& place) {
    const bool is_flag = setting.kind == Setting::Kind::kFlag;
    if (is_flag != node.is_boolean()) {
      return FailUsage(
          "{}: the value is {}", place,
          is_flag ? "neither true nor false" : "true or false: write a text or number");
    }
    if (const auto text = node.value_exact<std::string>()) {
      return *text;
    }
    if (!is_flag && !node.is_number()) {
      return FailUsage("{}: the value is not {}", place,
                       setting.kind == Setting::Kind::kList ? "a text, nor a list of texts"
                                                            : "a text or number");
    }
    // Printed, it would keep the file's base, as in 0x1F92.
    if (const auto number = node.value_exact<int64_t>()) {
      return std::to_string(*number);
    }
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    return text.str();
  }

  std::string file_;
};

}  // namespace

Result<ConfigFile> ParseConfigFile(std::string_view text, std::string_view name) {
  const toml::parse_result parsed = toml::parse(text);
  Reader reader(name);
  if (!parsed) {
    const toml::source_region& where = parsed.error().source();
    return reader.FailAt(where, "not TOML: {}{}", parsed.error().description(),
                         HintFor(text, where));
  }
  return reader.Read(parsed.table());
}

Result<ConfigFile> ReadConfigFile(const std::filesystem::path& path) {
  std::error_code unreadable;
  if (std::filesystem::is_directory(path, unreadable)) {
    return FailUsage("{}: this is a directory, not a configuration file", path.string());
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return FailUsage("{}: cannot read the configuration: {}", path.string(), strerror(errno));
  }
  return ParseConfigFile(text, path.string());
}

}  // namespace pistream
