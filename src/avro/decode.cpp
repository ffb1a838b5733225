// Avro binary to JSON text, without a tree between.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "avro/binary.h"
#include "avro/decimal_bytes.h"
#include "avro/moment_digits.h"
#include "avro/schema.h"
#include "types/characters.h"
#include "types/decimal.h"

namespace hansa::avro {
namespace {

constexpr Reason cut_short = "is cut short";

// UTF-8 in which U+0000 may stand, as it may in a stranger's string.
bool is_utf8(std::string_view text) {
  using Fault = types::CharacterCount::Fault;
  auto const fault = types::count_characters(text).fault;
  if (fault != Fault::nul) return fault == Fault::none;
  for (;;) {
    auto const nul = text.find('\0');
    if (types::count_characters(text.substr(0, nul)).fault != Fault::none) return false;
    if (nul == std::string_view::npos) return true;
    text.remove_prefix(nul + 1);
  }
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void append_number(T value, std::string& out) {
  char buffer[64];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

class Decoder {
 public:
  Decoder(Schema const& schema, std::string_view bytes, std::string& out,
          DecodeLimits const& limits)
      : schema_(schema), rest_(bytes), out_(out), begin_(out.size()), limits_(limits) {}

  [[nodiscard]] bool value(NodeId id, std::size_t depth) {
    if (depth > limits_.depth_max) return exceed("is nested too deep");
    if (++values_ > limits_.values_max) return exceed("holds too many values");
    if (out_.size() - begin_ > limits_.bytes_max) return exceed("becomes too long a text");
    auto const& node = schema_.at(id);
    switch (node.form) {
      case Form::null:
        out_ += "null";
        return true;
      case Form::boolean:
        return boolean();
      case Form::int32:
      case Form::int64:
        return integer(node);
      case Form::float32:
        return floating<float>();
      case Form::float64:
        return floating<double>();
      case Form::bytes:
      case Form::string:
        return sized(node);
      case Form::fixed:
        if (rest_.size() < node.size) return refuse(cut_short);
        return fixed(node, take(node.size));
      case Form::record:
        return record(node, depth);
      case Form::enumeration:
        return enumeration(node);
      case Form::array:
        return array(node, depth);
      case Form::map:
        return map(node, depth);
      case Form::choice:
        return choice(node, depth);
    }
    return refuse("has no type");
  }

  [[nodiscard]] bool finish() { return rest_.empty() || refuse("is followed by bytes left over"); }

  [[nodiscard]] std::unexpected<Error> error() const {
    return failure(code_, "Avro data " + std::string(reason_) + " at byte " +
                              std::to_string(offset_from_end_) + " from its end");
  }

 private:
  bool refuse(Reason reason) {
    reason_ = reason;
    offset_from_end_ = rest_.size();
    return false;
  }

  bool exceed(Reason reason) {
    code_ = Code::too_complex;
    return refuse(reason);
  }

  std::string_view take(std::size_t size) {
    auto const taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  bool take_sized(std::string_view& bytes) {
    auto const size = take_varint(rest_);
    if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > rest_.size())
      return refuse(cut_short);
    bytes = take(static_cast<std::size_t>(*size));
    return true;
  }

  bool boolean() {
    if (rest_.empty()) return refuse(cut_short);
    auto const byte = take(1)[0];
    if (byte != 0 && byte != 1) return refuse("has a boolean that is neither 0 nor 1");
    out_ += byte == 1 ? "true" : "false";
    return true;
  }

  bool integer(SchemaNode const& node) {
    auto const number = take_varint(rest_);
    if (!number) return refuse("has a broken integer");
    if (node.form == Form::int32 && (*number < INT32_MIN || *number > INT32_MAX))
      return refuse("has an int beyond 32 bits");
    if (node.logical == Logical::none) {
      append_number(*number, out_);
      return true;
    }
    out_ += '"';
    if (!moment(node.logical, *number)) return refuse("has a moment out of range");
    out_ += '"';
    return true;
  }

  bool moment(Logical logical, std::int64_t number) {
    constexpr std::int64_t millis_max = INT64_MAX / 1000;
    bool const millis = logical == Logical::time_millis || logical == Logical::timestamp_millis ||
                        logical == Logical::local_timestamp_millis;
    if (millis && (number > millis_max || number < -millis_max)) return false;
    if (millis) number *= 1000;
    if (logical == Logical::date) return append_date(number, out_);
    if (logical == Logical::time_millis || logical == Logical::time_micros)
      return append_time(number, out_);
    return append_instant(number, out_);
  }

  template <class Float>
  bool floating() {
    auto const number = take_float<Float>(rest_);
    if (!number) return refuse(cut_short);
    if (std::isfinite(*number))
      append_number(*number, out_);
    else if (std::isnan(*number))
      out_ += "\"NaN\"";
    else
      out_ += *number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return true;
  }

  bool sized(SchemaNode const& node) {
    std::string_view bytes;
    if (!take_sized(bytes)) return false;
    if (node.form == Form::bytes) return fixed(node, bytes);
    if (!is_utf8(bytes)) return refuse("has a string that is not UTF-8");
    if (node.logical == Logical::json_text) {
      if (!json::parse(bytes)) return refuse("has a JSON document that is none");
      out_ += bytes;
      return true;
    }
    bool const is_number = node.logical == Logical::numeric_text && bytes != "NaN";
    if (is_number && !types::parse_decimal(bytes, types::NumberSyntax::json))
      return refuse("has a number that is none");
    if (is_number)
      out_ += bytes;
    else
      json::write_string(bytes, out_);
    return true;
  }

  // Also bytes, once their size is known.
  bool fixed(SchemaNode const& node, std::string_view bytes) {
    if (node.logical == Logical::decimal) {
      auto const reason = append_decimal_digits(bytes, {node.precision, node.scale}, out_);
      return reason == nullptr || refuse(reason);
    }
    out_ += '"';
    if (node.logical == Logical::uuid)
      append_uuid(bytes);
    else if (node.logical == Logical::duration)
      append_duration(bytes);
    else
      types::append_base64(bytes, out_);
    out_ += '"';
    return true;
  }

  void append_uuid(std::string_view bytes) {
    constexpr std::string_view hex = "0123456789abcdef";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) out_ += '-';
      auto const byte = static_cast<unsigned char>(bytes[i]);
      out_ += hex[byte >> 4U];
      out_ += hex[byte & 15U];
    }
  }

  // Three counts: months, days, milliseconds.
  void append_duration(std::string_view bytes) {
    auto const milliseconds = little_endian(bytes, 8);
    out_ += 'P';
    append_number(little_endian(bytes, 0), out_);
    out_ += 'M';
    append_number(little_endian(bytes, 4), out_);
    out_ += "DT";
    append_number(milliseconds / 1000, out_);
    auto const thousandths = std::to_string(1000 + milliseconds % 1000);
    out_ += '.';
    out_ += std::string_view(thousandths).substr(1);
    out_ += 'S';
  }

  bool record(SchemaNode const& node, std::size_t depth) {
    char before = '{';
    for (auto const& field : node.fields) {
      out_ += before;
      before = ',';
      out_ += '"';
      out_ += field.name;
      out_ += "\":";
      if (!value(field.type, depth + 1)) return false;
    }
    if (node.fields.empty()) out_ += '{';
    out_ += '}';
    return true;
  }

  bool enumeration(SchemaNode const& node) {
    auto const index = take_varint(rest_);
    if (!index || *index < 0 || static_cast<std::uint64_t>(*index) >= node.symbols.size())
      return refuse("has a symbol that its enum has not");
    out_ += '"';
    out_ += node.symbols[static_cast<std::size_t>(*index)];
    out_ += '"';
    return true;
  }

  bool choice(SchemaNode const& node, std::size_t depth) {
    auto const index = take_varint(rest_);
    if (!index || *index < 0 || static_cast<std::uint64_t>(*index) >= node.parts.size())
      return refuse("has a branch that its union has not");
    return value(node.parts[static_cast<std::size_t>(*index)], depth + 1);
  }

  // How many items follow; 0 at the end. A negative count stands before a size in bytes. Nothing is
  // allocated by a count, and items without bytes end at values_max.
  bool take_block(std::int64_t& count) {
    auto const read = take_varint(rest_);
    if (!read || *read == INT64_MIN) return refuse("has a broken block");
    count = *read;
    if (count >= 0) return true;
    count = -count;
    auto const size = take_varint(rest_);
    if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > rest_.size())
      return refuse("has a block longer than the data");
    return true;
  }

  bool array(SchemaNode const& node, std::size_t depth) {
    out_ += '[';
    bool first = true;
    for (std::int64_t count = 0;;) {
      if (!take_block(count)) return false;
      if (count == 0) break;
      for (; count > 0; --count) {
        if (!first) out_ += ',';
        first = false;
        if (!value(node.parts[0], depth + 1)) return false;
      }
    }
    out_ += ']';
    return true;
  }

  bool map(SchemaNode const& node, std::size_t depth) {
    std::vector<std::string_view> keys;
    out_ += '{';
    for (std::int64_t count = 0;;) {
      if (!take_block(count)) return false;
      if (count == 0) break;
      for (; count > 0; --count) {
        std::string_view key;
        if (!take_sized(key)) return false;
        if (!is_utf8(key)) return refuse("has a key that is not UTF-8");
        if (!keys.empty()) out_ += ',';
        keys.push_back(key);
        json::write_string(key, out_);
        out_ += ':';
        if (!value(node.parts[0], depth + 1)) return false;
      }
    }
    out_ += '}';
    std::ranges::sort(keys);
    return std::ranges::adjacent_find(keys) == keys.end() || refuse("has a key twice in a map");
  }

  Schema const& schema_;
  std::string_view rest_;
  std::string& out_;
  std::size_t begin_;
  DecodeLimits const& limits_;
  std::size_t values_ = 0;
  Code code_ = Code::invalid_body;
  Reason reason_ = "";
  std::size_t offset_from_end_ = 0;
};

}  // namespace

Result<void> decode(Schema const& writer, std::string_view bytes, std::string& out,
                    DecodeLimits const& limits) {
  auto const before = out.size();
  Decoder decoder(writer, bytes, out, limits);
  if (decoder.value(writer.root, 0) && decoder.finish()) return {};
  out.resize(before);
  return decoder.error();
}

}  // namespace hansa::avro
