// An expected "no" as a value. Result<T> is std::expected with one Error type; libstdc++ 12 has no
// and_then and transform on it, so they are free functions here, and HANSA_TRY unwraps or returns.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/code.h"

namespace hansa {

// A field of a request or a column of a line that is at fault.
struct FieldError {
  std::string path;  // JSON Pointer (RFC 6901) or a column's name
  std::string message;
};

struct Error {
  Code code = Code::internal;
  std::string detail;     // one sentence about this occurrence
  std::string hint = {};  // what to do next; may be empty
  std::vector<FieldError> fields = {};
  std::string cause = {};  // for the log only, never for a client: may quote data
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> failure(Code code, std::string detail,
                                                    std::string hint = {}) {
  return std::unexpected(Error{code, std::move(detail), std::move(hint)});
}

// "H5004 unknown-parameter: detail (hint)".
[[nodiscard]] std::string to_text(Error const& error);

template <class T, class F>
auto and_then(Result<T>&& result, F&& next) -> decltype(next(*std::move(result))) {
  if (!result) return std::unexpected(std::move(result).error());
  return std::forward<F>(next)(*std::move(result));
}

template <class T, class F>
auto transform(Result<T>&& result, F&& map) -> Result<decltype(map(*std::move(result)))> {
  if (!result) return std::unexpected(std::move(result).error());
  return std::forward<F>(map)(*std::move(result));
}

// An error that crosses layers as an exception: the world failed (STYLE rule 8). Caught once per
// request, step or session.
class Failure : public std::exception {
 public:
  explicit Failure(Error error);
  Failure(Code code, std::string detail, std::string hint = {});
  [[nodiscard]] char const* what() const noexcept override { return text_.c_str(); }
  [[nodiscard]] Error const& error() const noexcept { return error_; }

 private:
  Error error_;
  std::string text_;
};

}  // namespace hansa

#define HANSA_CONCAT_(a, b) a##b
#define HANSA_CONCAT(a, b) HANSA_CONCAT_(a, b)

// HANSA_TRY(auto value, expression): value of a Result, or returns its error from this function.
#define HANSA_TRY(declaration, ...) \
  HANSA_TRY_(HANSA_CONCAT(result_, __LINE__), declaration, __VA_ARGS__)
#define HANSA_TRY_(temporary, declaration, ...)                         \
  auto temporary = (__VA_ARGS__);                                       \
  if (!temporary) return std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)

// HANSA_CHECK_OK(expression): the same for Result<void>.
#define HANSA_CHECK_OK(...)                                           \
  do {                                                                \
    auto checked = (__VA_ARGS__);                                     \
    if (!checked) return std::unexpected(std::move(checked).error()); \
  } while (false)

// HANSA_CO_TRY: HANSA_TRY inside a coroutine.
#define HANSA_CO_TRY(declaration, ...) \
  HANSA_CO_TRY_(HANSA_CONCAT(result_, __LINE__), declaration, __VA_ARGS__)
#define HANSA_CO_TRY_(temporary, declaration, ...)                         \
  auto temporary = (__VA_ARGS__);                                          \
  if (!temporary) co_return std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)
