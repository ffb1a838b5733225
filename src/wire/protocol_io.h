// The primitive types of Kafka's protocol (Kafka protocol guide; KIP-482 for compact and tagged
// ones), read from a stranger's bytes and written. A message's layout is written once, as a
// function of either. Confined to one thread; reading never fails loudly: after the first thing
// that is wrong ok() is false and everything read is empty.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/big_endian.h"
#include "wire/error.h"

namespace hansa::wire {

using Uuid = std::array<std::uint8_t, 16>;

class ProtocolReader {
 public:
  static constexpr bool reading = true;

  ProtocolReader(std::string_view bytes, bool flexible) : rest_(bytes), flexible_(flexible) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void operator()(T& value) {
    auto const bytes = take(sizeof(T));
    value = bytes.empty() ? T{} : load_big_endian<T>(bytes.data());
  }
  void operator()(bool& value) {
    std::int8_t byte = 0;
    (*this)(byte);
    value = byte != 0;
  }
  void operator()(KafkaError& value) {
    std::int16_t code = 0;
    (*this)(code);
    value = static_cast<KafkaError>(code);
  }
  void operator()(Uuid& value);
  void operator()(std::string& value);                 // STRING
  void operator()(std::optional<std::string>& value);  // NULLABLE_STRING
  void bytes(std::string& value);                      // BYTES
  // NULLABLE_BYTES, as a view of the bytes that are read.
  void operator()(std::optional<std::string_view>& value);

  template <class T>
    requires std::integral<T> || std::same_as<T, std::string>
  void operator()(std::vector<T>& values) {
    array(values, [this](T& each) { (*this)(each); });
  }
  template <class T, class Each>
  void array(std::vector<T>& values, Each each) {
    auto const count = length();
    if (count < 0) fail();
    fill(values, count, each);
  }
  template <class T, class Each>
  void array(std::optional<std::vector<T>>& values, Each each) {
    auto const count = length();
    values.reset();
    if (!ok_ || count < 0) return;
    fill(values.emplace(), count, each);
  }
  template <class T>
    requires std::integral<T> || std::same_as<T, std::string>
  void operator()(std::optional<std::vector<T>>& values) {
    array(values, [this](T& each) { (*this)(each); });
  }
  // The end of a structure: tagged fields, none of which we know.
  void end();

 private:
  // Of all arrays of a message together: a few bytes must not become gigabytes of structures.
  static constexpr std::size_t elements_max = 200'000;

  void fail() {
    ok_ = false;
    rest_ = {};
  }
  [[nodiscard]] std::string_view take(std::size_t bytes);
  [[nodiscard]] std::uint32_t varint();
  [[nodiscard]] std::int64_t length();         // of an array; -1: null
  [[nodiscard]] std::int64_t string_length();  // likewise
  [[nodiscard]] std::int64_t bytes_length();

  template <class T, class Each>
  void fill(std::vector<T>& values, std::int64_t count, Each& each) {
    values.clear();
    // An element takes a byte at least, so a false count ends with the bytes.
    if (count > static_cast<std::int64_t>(rest_.size()) ||
        count > static_cast<std::int64_t>(elements_left_))
      fail();
    for (std::int64_t i = 0; i < count && ok_; ++i) {
      --elements_left_;
      each(values.emplace_back());
      if (elements_left_ == 0) fail();
    }
    if (!ok_) values.clear();
  }

  std::string_view rest_;
  bool flexible_;
  bool ok_ = true;
  std::size_t elements_left_ = elements_max;
};

class ProtocolWriter {
 public:
  static constexpr bool reading = false;

  // Appends to `out`.
  ProtocolWriter(std::string& out, bool flexible) : out_(out), flexible_(flexible) {}

  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void operator()(T const& value) {
    std::array<char, sizeof(T)> bytes;
    store_big_endian(value, bytes.data());
    out_.append(bytes.data(), bytes.size());
  }
  void operator()(bool const& value) { out_ += value ? '\1' : '\0'; }
  void operator()(KafkaError const& value) { (*this)(static_cast<std::int16_t>(value)); }
  void operator()(Uuid const& value);
  void operator()(std::string const& value);
  void operator()(std::optional<std::string> const& value);
  void bytes(std::string const& value);
  void operator()(std::optional<std::string_view> const& value);

  template <class T>
    requires std::integral<T> || std::same_as<T, std::string>
  void operator()(std::vector<T> const& values) {
    array(values, [this](T const& each) { (*this)(each); });
  }
  template <class T, class Each>
  void array(std::vector<T> const& values, Each each) {
    length(static_cast<std::int64_t>(values.size()));
    for (T const& value : values) each(const_cast<T&>(value));
  }
  template <class T, class Each>
  void array(std::optional<std::vector<T>> const& values, Each each) {
    if (values)
      array(*values, each);
    else
      length(-1);
  }
  template <class T>
    requires std::integral<T> || std::same_as<T, std::string>
  void operator()(std::optional<std::vector<T>> const& values) {
    array(values, [this](T const& each) { (*this)(each); });
  }
  void end() {
    if (flexible_) varint(0);
  }

 private:
  void varint(std::uint32_t value);
  void length(std::int64_t count);
  void string_length(std::int64_t bytes);

  std::string& out_;
  bool flexible_;
};

}  // namespace hansa::wire
