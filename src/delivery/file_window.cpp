#include "delivery/file_window.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "base/result.h"
#include "crypto/digest.h"

namespace hansa::delivery {
namespace {

constexpr std::size_t block_bytes = std::size_t{4} << 20U;

}  // namespace

OpenFile::OpenFile(std::filesystem::path const& path)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), name_(path.string()) {
  struct stat status{};
  int const error = descriptor_ < 0 ? errno : ::fstat(descriptor_, &status) != 0 ? errno : 0;
  bool const regular = error == 0 && S_ISREG(status.st_mode);
  if (!regular) {
    if (descriptor_ >= 0) ::close(descriptor_);
    throw Failure(Code::unreadable_file,
                  name_ + ": " + (error != 0 ? std::strerror(error) : "not a regular file"));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

OpenFile::~OpenFile() { ::close(descriptor_); }

std::size_t OpenFile::read(std::uint64_t offset, char* to, std::size_t room) const {
  for (;;) {
    auto const count = ::pread(descriptor_, to, room, static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw Failure(Code::io_error, name_ + ": " + std::strerror(errno));
  }
}

std::string OpenFile::text(std::uint64_t begin, std::uint64_t end, std::size_t bytes_max) const {
  std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, bytes_max)), '\0');
  std::size_t done = 0;
  while (done < out.size()) {
    auto const count = read(begin + done, out.data() + done, out.size() - done);
    if (count == 0) break;
    done += count;
  }
  out.resize(done);
  return out;
}

std::string OpenFile::digest() const {
  crypto::Sha256Stream stream;
  std::vector<char> block(block_bytes);
  std::uint64_t at = 0;
  while (auto const count = read(at, block.data(), block.size())) {
    stream.update({block.data(), count});
    at += count;
  }
  return crypto::hex(stream.finish());
}

FileWindow::FileWindow(OpenFile const& file, std::size_t shown_min, std::uint64_t start)
    : file_(file), shown_min_(shown_min), buffer_(shown_min + block_bytes), position_(start) {}

std::string_view FileWindow::ahead() {
  if (end_ - begin_ < shown_min_ && !ended_) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    while (end_ < buffer_.size() && !ended_) {
      auto const count = file_.read(position_ + end_, buffer_.data() + end_, buffer_.size() - end_);
      ended_ = count == 0;
      end_ += count;
    }
  }
  return {buffer_.data() + begin_, end_ - begin_};
}

void FileWindow::advance(std::size_t bytes) {
  assert(bytes <= end_ - begin_);
  begin_ += bytes;
  position_ += bytes;
}

void FileWindow::skip_line() {
  for (auto text = ahead(); !text.empty(); text = ahead()) {
    auto const newline = text.find('\n');
    advance(newline == std::string_view::npos ? text.size() : newline + 1);
    if (newline != std::string_view::npos) return;
  }
}

}  // namespace hansa::delivery
