#include "src/auth/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace pistream {

namespace fs = std::filesystem;

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool Close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string Reason() { return std::generic_category().message(errno); }

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(static_cast<size_t>(count < 0 ? 0 : count));
  }
  return true;
}

// Some file systems have no way to do it: then the next one may be older than it is.
void SyncFolder(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0) {
    ::fsync(opened.get());
  }
}

// Makes a file of another name beside `path`, which `put` then brings to its place.
template <typename Put>
Result<void> WriteBeside(const fs::path& path, std::string_view text, Put put) {
  std::string beside = path.string() + ".XXXXXX";
  Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));  // 0600
  if (file.get() < 0) {
    return Fail("cannot write {}: {}", path.string(), Reason());
  }
  const bool is_written =
      WriteAll(file.get(), text) && ::fsync(file.get()) == 0 && file.Close() && put(beside.c_str());
  if (!is_written) {
    const std::string reason = Reason();
    ::unlink(beside.c_str());
    return Fail("cannot write {}: {}", path.string(), reason);
  }
  SyncFolder(path);
  return {};
}

// rename() would replace. FAT has no links, NFS no rename that does not replace.
bool MoveToNewName(const char* from, const char* to) {
  if (::link(from, to) == 0) {
    ::unlink(from);
    return true;
  }
  return errno != EEXIST && ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

bool IsForOwnerOnly(const struct stat& status) { return (status.st_mode & 077) == 0; }

// The service's user reads them through an access control list, whose mask shows as the group's
// permission. Of a file elsewhere, that is a group which may read it.
bool IsSystemdCredential(const fs::path& path, const struct stat& status) {
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory != nullptr && (status.st_mode & 07777) == 0440 &&
         fs::path(directory) / path.filename() == path;
}

// Another user could replace it, which only root does not notice.
bool IsOfOwner(const struct stat& status) {
  return status.st_uid == 0 || status.st_uid == ::geteuid();
}

}  // namespace

Result<void> CreatePrivateFile(const fs::path& path, std::string_view text) {
  return WriteBeside(path, text,
                     [&](const char* beside) { return MoveToNewName(beside, path.c_str()); });
}

Result<void> WritePrivateFile(const fs::path& path, std::string_view text) {
  return WriteBeside(path, text,
                     [&](const char* beside) { return ::rename(beside, path.c_str()) == 0; });
}

Result<std::optional<std::string>> ReadPrivateFile(const fs::path& path, Readers readers,
                                                   size_t maximum) {
  // O_NONBLOCK: a FIFO must not hold up the program.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) {
    return std::nullopt;
  }
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return Fail("cannot read {}: {}", path.string(), Reason());
  }
  if (!S_ISREG(status.st_mode)) {
    return Fail("{} is not a file", path.string());
  }
  if (!IsOfOwner(status)) {
    return Fail("{} belongs to another user: chown it to the one that pistream runs as",
                path.string());
  }
  const bool is_credential =
      readers == Readers::kOwnerOrService && IsSystemdCredential(path, status);
  if (!IsForOwnerOnly(status) && !is_credential) {
    return Fail("other users may read {}: chmod 600 {}", path.string(), path.string());
  }
  std::string text(maximum + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno != EINTR) {
      return Fail("cannot read {}: {}", path.string(), Reason());
    }
    if (count == 0) {
      break;
    }
    size += static_cast<size_t>(count < 0 ? 0 : count);
  }
  if (size > maximum) {
    return Fail("{} has more than {} bytes", path.string(), maximum);
  }
  text.resize(size);
  return text;
}

}  // namespace pistream
