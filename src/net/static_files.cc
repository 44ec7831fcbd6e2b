#include "src/net/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "openssl/evp.h"

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
  file.etag = EtagOf(BytesOf(file.body));
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

struct Contents {
  std::string bytes;
  std::time_t modified = 0;
};

std::optional<Contents> ReadRegularFile(const fs::path& path) {
  const Descriptor file(path);
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > static_cast<off_t>(StaticFiles::kMaximumFile)) {
    return std::nullopt;
  }
  Contents contents{std::string(static_cast<size_t>(status.st_size), '\0'), status.st_mtime};
  size_t filled = 0;
  while (filled < contents.bytes.size()) {
    const ssize_t count =
        ::read(file.get(), contents.bytes.data() + filled, contents.bytes.size() - filled);
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
  contents.bytes.resize(filled);
  return contents;
}

}  // namespace

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
    return Fail("cannot open the folder {} of --web-root: {}", web_root.string(), error.message());
  }
  if (!fs::is_directory(files.web_root_, error)) {
    return Fail("{} of --web-root is not a folder", web_root.string());
  }
  return files;
}

std::optional<StaticFile> StaticFiles::Find(const std::string& path,
                                            const PageValues& values) const {
  if (auto file = FindInWebRoot(path, values)) {
    return file;
  }
  const auto found = embedded_.find(path);
  return found == embedded_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<StaticFile> StaticFiles::FindInWebRoot(const std::string& path,
                                                     const PageValues& values) const {
  if (web_root_.empty() || HasHiddenOrEmptySegment(path)) {
    return std::nullopt;
  }
  const auto resolved = ResolveInside(web_root_, path);
  auto contents = resolved ? ReadRegularFile(*resolved) : std::nullopt;
  if (!contents) {
    return std::nullopt;
  }
  if (path == "/index.html") {
    contents->bytes = FillPlaceholders(contents->bytes, values);
  }
  StaticFile file;
  file.content_type = ContentTypeOf(path);
  file.etag = EtagOf(contents->bytes);
  file.body = std::move(contents->bytes);
  file.modified = contents->modified;
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
