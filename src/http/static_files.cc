#include "src/http/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <list>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "openssl/evp.h"
#include "src/base/mutex.h"

namespace pistream {

namespace fs = std::filesystem;

namespace {

std::string EtagOf(std::string_view bytes) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::string etag = "\"";
  for (size_t i = 0; i < 16; ++i) {
    etag += fmt::format("{:02x}", digest[i]);
  }
  return etag + "\"";
}

StaticFile EmbeddedFile(const Asset& asset, std::time_t now) {
  StaticFile file;
  file.content_type = asset.content_type;
  file.body = asset.bytes;
  file.etag = EtagOf(TextOf(file.body));
  file.modified = now;
  file.is_embedded = true;
  return file;
}

bool HasHiddenOrEmptySegment(const std::string& path) {
  return path.ends_with('/') || path.find("//") != std::string::npos ||
         path.find("/.") != std::string::npos;
}

// Where `path` really is, if that is inside `root`.
std::optional<fs::path> ResolveInside(const fs::path& root, const std::string& path) {
  std::error_code error;
  fs::path resolved = fs::canonical(root.native() + path, error);
  if (error) {
    return std::nullopt;
  }
  const auto [end_of_root, rest] =
      std::mismatch(root.begin(), root.end(), resolved.begin(), resolved.end());
  const bool is_inside = end_of_root == root.end() && rest != resolved.end();
  return is_inside ? std::optional(std::move(resolved)) : std::nullopt;
}

class Descriptor {
 public:
  // O_NONBLOCK: a FIFO put there must not hold up the video.
  explicit Descriptor(const fs::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  const int fd_;
};

// What tells one state of a file from the next, short of reading it.
struct Version {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  time_t modified_s = 0;
  long modified_ns = 0;  // NOLINT(google-runtime-int): stat's

  bool operator==(const Version&) const = default;
};

std::optional<Version> VersionOfRegularFile(int fd) {
  struct stat status{};
  if (fd < 0 || ::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return Version{status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                 status.st_mtim.tv_nsec};
}

std::optional<std::string> ReadAll(int fd, size_t size) {
  std::string bytes(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(fd, bytes.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return std::nullopt;
    }
    if (count == 0) {
      break;  // it has become shorter
    }
    filled += static_cast<size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

// The files of the web root that were asked for lately, as they last were on disk.
class StaticFiles::DiskCache {
 public:
  struct Entry {
    fs::path path;
    Version version;
    std::shared_ptr<const std::string> bytes;
    std::string etag;
  };

  std::optional<Entry> Read(const fs::path& path) {
    const MutexLock lock(mutex_);
    const Descriptor file(path);
    const auto version = VersionOfRegularFile(file.get());
    const auto known = index_.find(path);
    if (known != index_.end() && version == known->second->version) {
      entries_.splice(entries_.begin(), entries_, known->second);
      return entries_.front();
    }
    if (known != index_.end()) {
      Erase(known->second);
    }
    if (!version || version->size > static_cast<off_t>(kMaximumFile)) {
      return std::nullopt;
    }
    auto bytes = ReadAll(file.get(), static_cast<size_t>(version->size));
    if (!bytes) {
      return std::nullopt;
    }
    std::string etag = EtagOf(*bytes);
    Add({path, *version, std::make_shared<const std::string>(std::move(*bytes)), std::move(etag)});
    return entries_.front();
  }

 private:
  using Entries = std::list<Entry>;

  void Add(Entry entry) PISTREAM_REQUIRES(mutex_) {
    total_ += entry.bytes->size();
    entries_.push_front(std::move(entry));
    index_[entries_.front().path] = entries_.begin();
    while (total_ > kMaximumCache) {
      Erase(std::prev(entries_.end()));
    }
  }

  void Erase(Entries::iterator entry) PISTREAM_REQUIRES(mutex_) {
    total_ -= entry->bytes->size();
    index_.erase(entry->path);
    entries_.erase(entry);
  }

  Mutex mutex_;
  Entries entries_ PISTREAM_GUARDED_BY(mutex_);  // the one asked for last is the first
  std::map<fs::path, Entries::iterator> index_ PISTREAM_GUARDED_BY(mutex_);
  size_t total_ PISTREAM_GUARDED_BY(mutex_) = 0;
};

StaticFiles::StaticFiles() : disk_(std::make_unique<DiskCache>()) {}
StaticFiles::StaticFiles(StaticFiles&& other) noexcept = default;
StaticFiles& StaticFiles::operator=(StaticFiles&& other) noexcept = default;
StaticFiles::~StaticFiles() = default;

Result<StaticFiles> StaticFiles::Make(std::span<const Asset> assets, const fs::path& web_root,
                                      std::time_t now) {
  StaticFiles files;
  for (const Asset& asset : assets) {
    files.embedded_.emplace(asset.path, EmbeddedFile(asset, now));
  }
  if (web_root.empty()) {
    return files;
  }
  std::error_code error;
  files.web_root_ = fs::canonical(web_root, error);
  if (error) {
    return FailUsage("cannot open the directory {} of --web-root: {}", web_root.string(),
                     error.message());
  }
  if (!fs::is_directory(files.web_root_, error)) {
    return FailUsage("{} of --web-root is not a directory", web_root.string());
  }
  return files;
}

std::optional<StaticFile> StaticFiles::Find(const std::string& path,
                                            const PageValues& values) const {
  if (auto file = FindInWebRoot(path, values)) {
    return file;
  }
  return FindEmbedded(path);
}

std::optional<StaticFile> StaticFiles::FindEmbedded(const std::string& path) const {
  const auto found = embedded_.find(path);
  return found == embedded_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<StaticFile> StaticFiles::FindInWebRoot(const std::string& path,
                                                     const PageValues& values) const {
  if (web_root_.empty() || HasHiddenOrEmptySegment(path)) {
    return std::nullopt;
  }
  const auto resolved = ResolveInside(web_root_, path);
  auto found = resolved ? disk_->Read(*resolved) : std::nullopt;
  if (!found) {
    return std::nullopt;
  }
  StaticFile file;
  file.content_type = ContentTypeOf(path);
  file.modified = found->version.modified_s;
  if (path == "/index.html") {
    std::string page = FillPlaceholders(*found->bytes, values);
    file.etag = EtagOf(page);
    file.body = std::move(page);
  } else {
    file.etag = std::move(found->etag);
    file.body = SharedBytes{
        .owner = found->bytes,
        .bytes = {reinterpret_cast<const uint8_t*>(found->bytes->data()), found->bytes->size()}};
  }
  return file;
}

std::string_view ContentTypeOf(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".htm", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".wasm", "application/wasm"},
      {".txt", "text/plain; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff", "font/woff"},
      {".woff2", "font/woff2"},
  }};
  const auto found =
      std::ranges::find_if(kTypes, [&](const auto& type) { return path.ends_with(type.first); });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace pistream
