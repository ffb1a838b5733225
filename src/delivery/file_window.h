// A file read forward through a window of bounded size. One thread. Throws Failure(io_error).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::delivery {

// An open file; closed at the end.
class OpenFile {
 public:
  // Throws unreadable_file unless `path` is a regular file that can be read.
  explicit OpenFile(std::filesystem::path const& path);
  ~OpenFile();
  OpenFile(OpenFile const&) = delete;
  OpenFile& operator=(OpenFile const&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Up to `room` bytes from `offset`; 0 at the end.
  std::size_t read(std::uint64_t offset, char* to, std::size_t room) const;
  // The bytes from `begin` to `end`, of which at most `bytes_max`.
  [[nodiscard]] std::string text(std::uint64_t begin, std::uint64_t end,
                                 std::size_t bytes_max) const;
  // SHA-256 of the whole file, in hex.
  [[nodiscard]] std::string digest() const;

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
  std::string name_;
};

class FileWindow {
 public:
  // Shows at least `shown_min` bytes ahead, or all there are.
  FileWindow(OpenFile const& file, std::size_t shown_min, std::uint64_t start);

  // What lies ahead; valid until the next call. Empty at the end of the file.
  [[nodiscard]] std::string_view ahead();
  // Whether ahead() reaches to the end of the file.
  [[nodiscard]] bool at_end() const { return ended_; }
  void advance(std::size_t bytes);
  // Goes behind the next end of a line, or to the end of the file.
  void skip_line();
  [[nodiscard]] std::uint64_t position() const { return position_; }

 private:
  OpenFile const& file_;
  std::size_t shown_min_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t position_;
  bool ended_ = false;
};

}  // namespace hansa::delivery
