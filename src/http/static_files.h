// Files for GET: those of --web-root first, then the embedded ones.
#pragma once

#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/asset.h"
#include "src/http/http_message.h"
#include "src/http/web_page.h"

namespace pistream {

struct StaticFile {
  std::string_view content_type;
  HttpBody body;
  std::string etag;  // quoted, as in the header
  std::time_t modified = 0;
  bool is_embedded = false;
};

// Thread-safe. Blocks while reading files of the web root, so it is not for network threads.
class StaticFiles {
 public:
  StaticFiles(StaticFiles&& other) noexcept;
  StaticFiles& operator=(StaticFiles&& other) noexcept;
  StaticFiles(const StaticFiles&) = delete;
  StaticFiles& operator=(const StaticFiles&) = delete;
  ~StaticFiles();

  // Files of the web root larger than this are not served: they are read into memory in one piece.
  static constexpr size_t kMaximumFile = 8 << 20;
  // The size of the cache of files of the web root, so that many clients do not cost more. The
  // least recently used file is evicted first.
  static constexpr size_t kMaximumCache = 64 << 20;

  // An empty web_root is none; fails if it is not a directory that can be read.
  static Result<StaticFiles> Make(std::span<const Asset> assets,
                                  const std::filesystem::path& web_root, std::time_t now);

  // `path` is decoded and free of "..", as ParseTarget gives it. Symbolic links that lead out of
  // the web root, directories, devices and paths with a name that begins with a dot are not found.
  std::optional<StaticFile> Find(const std::string& path, const PageValues& values) const;

  // The same without the web root. Does not block.
  std::optional<StaticFile> FindEmbedded(const std::string& path) const;

  bool has_web_root() const { return !web_root_.empty(); }

 private:
  class DiskCache;

  StaticFiles();
  std::optional<StaticFile> FindInWebRoot(const std::string& path, const PageValues& values) const;

  std::map<std::string, StaticFile, std::less<>> embedded_;
  std::filesystem::path web_root_;  // canonical
  std::unique_ptr<DiskCache> disk_;
};

// By the name's extension; application/octet-stream for those unknown.
std::string_view ContentTypeOf(std::string_view path);

}  // namespace pistream
