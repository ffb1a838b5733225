// The file of rejected lines: CSV with the columns line, reason, text. Made when the first line
// comes. Throws Failure(io_error).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::delivery {

class RejectFile {
 public:
  explicit RejectFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~RejectFile();
  RejectFile(RejectFile const&) = delete;
  RejectFile& operator=(RejectFile const&) = delete;

  // Keeps the first `lines` entries an earlier run left, and drops what it wrote behind them; with
  // none to keep the file goes away. Done by settle(), when the file to load proved readable.
  void keep(std::uint64_t lines) { kept_ = lines; }
  void settle();
  void add(std::uint64_t line, std::string_view reason, std::string_view text);
  // On the disk after this, so that the database may say so.
  void flush();
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  void open();

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::string buffer_;
  std::optional<std::uint64_t> kept_;
};

}  // namespace hansa::delivery
