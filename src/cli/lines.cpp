#include "cli/lines.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/result.h"

namespace hansa::cli {

bool Lines::write(std::string_view line) {
  errno = 0;
  bool const written = std::fwrite(line.data(), 1, line.size(), stream_) == line.size() &&
                       std::fputc('\n', stream_) != EOF && std::fflush(stream_) == 0;
  if (written) return true;
  if (errno == EPIPE) return false;
  throw Failure(Code::io_error,
                fmt::format("the output cannot be written: {}", std::strerror(errno)));
}

}  // namespace hansa::cli
