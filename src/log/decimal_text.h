// Integers to and from PostgreSQL's text: values of rows, and arrays as parameters. Pure.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hansa::log {

// Throws Failure (internal) if `text`, which PostgreSQL printed as an integer, is not one of T.
template <std::integral T>
[[nodiscard]] T to_number(std::string_view text) {
  T value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw Failure(Code::internal,
                  "PostgreSQL's `" + std::string(text) + "` is not such an integer");
  return value;
}

// "{1,2,3}", an array as a parameter.
class ArrayText {
 public:
  template <std::integral T>
  void add(T value) {
    text_ += text_.empty() ? '{' : ',';
    text_ += std::to_string(value);
  }
  [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + '}'; }

 private:
  std::string text_;
};

}  // namespace hansa::log
