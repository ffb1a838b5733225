// JSON as a value that keeps every number as it was written (RFC 8259). A number is
// text: nothing on the way from a client to PostgreSQL may round it (DESIGN section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace hansa::json {

struct Value;

// Members in the order they were written. No key stands twice in a parsed object.
using Object = std::vector<std::pair<std::string, Value>>;
using Array = std::vector<Value>;

struct Number {
  std::string digits;  // a JSON number as written: "1299.90", "-1e9"
  bool operator==(Number const&) const = default;
};

struct Value {
  std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> data = nullptr;

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(data); }
  [[nodiscard]] Object const* as_object() const { return std::get_if<Object>(&data); }
  [[nodiscard]] Array const* as_array() const { return std::get_if<Array>(&data); }
  [[nodiscard]] std::string const* as_string() const { return std::get_if<std::string>(&data); }
  [[nodiscard]] Number const* as_number() const { return std::get_if<Number>(&data); }
  [[nodiscard]] bool const* as_bool() const { return std::get_if<bool>(&data); }
  // The member `key` of an object; nullptr if this is no object or has none.
  [[nodiscard]] Value const* find(std::string_view key) const;
  bool operator==(Value const&) const;
};

// Shorthands to build documents: object({{"type", text("string")}}).
[[nodiscard]] Value text(std::string_view value);
[[nodiscard]] Value integer(std::int64_t value);
[[nodiscard]] Value number(std::string_view digits);
[[nodiscard]] Value boolean(bool value);
[[nodiscard]] Value object(Object members);
[[nodiscard]] Value array(Array items);

struct ParseLimits {
  std::size_t depth_max = 32;
  std::size_t bytes_max = 8U << 20U;
  std::size_t values_max = 1'000'000;  // scalars, arrays and objects together
};

// One JSON document, nothing after it but white space. Refuses invalid UTF-8, duplicate keys, lone
// surrogates and anything over the limits. Errors: malformed_json, too_complex, body_too_large; the
// detail names the byte offset.
[[nodiscard]] Result<Value> parse(std::string_view document, ParseLimits const& limits = {});

// Appends `value` without white space; numbers as they were written.
void write(Value const& value, std::string& out);
[[nodiscard]] std::string to_text(Value const& value);
// The same, indented by two spaces, for people and for files in Git. Ends without a newline.
[[nodiscard]] std::string to_pretty_text(Value const& value);

// Appends `text` as a JSON string with its quotes. `text` must be UTF-8. Fast path of every answer.
void write_string(std::string_view text, std::string& out);

}  // namespace hansa::json
