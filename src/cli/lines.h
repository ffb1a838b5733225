// Lines on a stream that somebody reads while they come. Blocking; one thread.
#pragma once

#include <cstdio>
#include <string_view>

namespace hansa::cli {

class Lines {
 public:
  explicit Lines(std::FILE* stream) : stream_(stream) {}

  // Writes the line and its newline, and flushes. False: the reader has gone, and nothing is left
  // to do. Throws Failure(io_error) where it cannot be written for another reason.
  [[nodiscard]] bool write(std::string_view line);

 private:
  std::FILE* stream_;
};

}  // namespace hansa::cli
