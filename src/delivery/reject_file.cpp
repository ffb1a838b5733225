#include "delivery/reject_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/result.h"
#include "delivery/csv.h"
#include "delivery/file_window.h"

namespace hansa::delivery {
namespace {

constexpr std::string_view header = "line,reason,text\n";
constexpr std::size_t buffer_bytes = std::size_t{1} << 20U;

[[noreturn]] void fail(std::filesystem::path const& path) {
  auto const code = errno == ENOSPC ? Code::disk_full : Code::io_error;
  throw Failure(code, path.string() + ": " + std::strerror(errno),
                "rejected lines go there; --reject names another place");
}

// Where the header and the first `lines` records end; nullopt if the file holds fewer.
std::uint64_t end_of_records(OpenFile const& file, std::uint64_t lines) {
  FileWindow window(file, buffer_bytes, 0);
  bool in_quotes = false;
  for (std::uint64_t left = lines + 1; left > 0;) {
    auto const text = window.ahead();
    if (text.empty()) break;
    std::size_t at = 0;
    for (; at < text.size() && left > 0; ++at) {
      if (text[at] == '"') in_quotes = !in_quotes;
      if (text[at] == '\n' && !in_quotes) --left;
    }
    window.advance(at);
  }
  return window.position();
}

// What stands there must be an earlier run's, or somebody loses a file.
void require_reject_file(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  std::string first(header.size(), '\0');
  in.read(first.data(), static_cast<std::streamsize>(first.size()));
  if (in.gcount() == 0 || first == header) return;
  throw Failure(Code::io_error, path.string() + " is there already and holds no rejected lines",
                "name another file with --reject");
}

}  // namespace

RejectFile::~RejectFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RejectFile::open() {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path_);
  if (::lseek(descriptor_, 0, SEEK_END) == 0) buffer_.insert(0, header);
}

void RejectFile::settle() {
  if (!kept_) return;
  auto const lines = *std::exchange(kept_, std::nullopt);
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) return;
  require_reject_file(path_);
  if (lines == 0) {
    std::filesystem::remove(path_, ignored);
    return;
  }
  auto const end = end_of_records(OpenFile(path_), lines);
  if (::truncate(path_.c_str(), static_cast<off_t>(end)) != 0) fail(path_);
}

void RejectFile::add(std::uint64_t line, std::string_view reason, std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  buffer_ += std::to_string(line);
  buffer_ += ',';
  append_csv_quoted(reason, buffer_);
  buffer_ += ',';
  append_csv_quoted(text, buffer_);
  buffer_ += '\n';
}

void RejectFile::flush() {
  if (buffer_.empty()) return;
  if (descriptor_ < 0) open();
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    auto const count = ::write(descriptor_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path_);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  buffer_.clear();
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL) fail(path_);
}

}  // namespace hansa::delivery
