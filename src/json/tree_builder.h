// Builds a Value from the events of Boost.JSON's parser. One document, one thread; used by parse()
// only.
#pragma once

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "json/value.h"

namespace hansa::json {

// The handler that boost::json::basic_parser asks for; the names of its members are that contract.
// Every event returns false, and sets `ec`, to stop the parser; `refusal` then says why.
class TreeBuilder {
 public:
  using Text = boost::json::string_view;
  using ErrorCode = boost::json::error_code;

  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  explicit TreeBuilder(std::size_t values_max) : values_left_(values_max) {}

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode&) { return true; }
  bool on_array_begin(ErrorCode&) { return true; }
  bool on_object_end(std::size_t count, ErrorCode& ec);
  bool on_array_end(std::size_t count, ErrorCode& ec);
  bool on_key_part(Text part, std::size_t, ErrorCode&) { return append(part); }
  bool on_key(Text part, std::size_t, ErrorCode& ec);
  bool on_string_part(Text part, std::size_t, ErrorCode&) { return append(part); }
  bool on_string(Text part, std::size_t, ErrorCode& ec);
  bool on_number_part(Text part, ErrorCode&) { return append(part); }
  bool on_int64(std::int64_t, Text part, ErrorCode& ec) { return push_number(part, ec); }
  bool on_uint64(std::uint64_t, Text part, ErrorCode& ec) { return push_number(part, ec); }
  bool on_double(double, Text part, ErrorCode& ec) { return push_number(part, ec); }
  bool on_bool(bool value, ErrorCode& ec) { return push(Value{value}, ec); }
  bool on_null(ErrorCode& ec) { return push(Value{nullptr}, ec); }
  bool on_comment_part(Text, ErrorCode&) { return true; }
  bool on_comment(Text, ErrorCode&) { return true; }

  // Requires that the parser finished without an error.
  [[nodiscard]] Value take() { return std::move(values_.back()); }
  [[nodiscard]] std::optional<Error> const& refusal() const { return refusal_; }

 private:
  bool append(Text part);
  bool push(Value value, ErrorCode& ec);
  bool push_number(Text part, ErrorCode& ec);
  bool refuse(Code code, std::string detail, ErrorCode& ec);

  std::size_t values_left_;
  std::string pending_;            // of a string, key or number that comes in parts
  std::vector<Value> values_;      // finished values whose container is still open
  std::vector<std::string> keys_;  // of open objects, beside their values
  std::optional<Error> refusal_;
};

}  // namespace hansa::json
