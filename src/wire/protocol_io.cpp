#include "wire/protocol_io.h"

#include <algorithm>

namespace hansa::wire {

std::string_view ProtocolReader::take(std::size_t bytes) {
  if (bytes > rest_.size()) {
    fail();
    return {};
  }
  auto const taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

// UNSIGNED_VARINT of at most 32 bits: five bytes, the last of which has four bits.
std::uint32_t ProtocolReader::varint() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    auto const byte = take(1);
    if (byte.empty()) return 0;
    auto const bits = static_cast<unsigned char>(byte[0]);
    if (shift == 28 && bits > 0x0f) break;
    value |= static_cast<std::uint32_t>(bits & 0x7fU) << shift;
    if ((bits & 0x80U) == 0) return value;
  }
  fail();
  return 0;
}

std::int64_t ProtocolReader::length() {
  if (flexible_) return std::int64_t{varint()} - 1;
  std::int32_t count = 0;
  (*this)(count);
  if (count < -1) fail();
  return count;
}

std::int64_t ProtocolReader::string_length() {
  if (flexible_) return std::int64_t{varint()} - 1;
  std::int16_t bytes = 0;
  (*this)(bytes);
  if (bytes < -1) fail();
  return bytes;
}

std::int64_t ProtocolReader::bytes_length() { return length(); }

void ProtocolReader::operator()(Uuid& value) {
  auto const bytes = take(value.size());
  value = {};
  std::copy(bytes.begin(), bytes.end(), value.begin());
}

void ProtocolReader::operator()(std::string& value) {
  auto const bytes = string_length();
  if (bytes < 0) fail();
  value = ok_ ? take(static_cast<std::size_t>(bytes)) : std::string_view{};
}

void ProtocolReader::operator()(std::optional<std::string>& value) {
  auto const bytes = string_length();
  value.reset();
  if (ok_ && bytes >= 0) value = std::string(take(static_cast<std::size_t>(bytes)));
}

void ProtocolReader::bytes(std::string& value) {
  auto const bytes = bytes_length();
  if (bytes < 0) fail();
  value = ok_ ? take(static_cast<std::size_t>(bytes)) : std::string_view{};
}

void ProtocolReader::operator()(std::optional<std::string_view>& value) {
  auto const bytes = bytes_length();
  value.reset();
  if (ok_ && bytes >= 0) value = take(static_cast<std::size_t>(bytes));
}

void ProtocolReader::end() {
  if (!flexible_) return;
  for (auto left = varint(); left > 0 && ok_; --left) {
    static_cast<void>(varint());  // which field
    static_cast<void>(take(varint()));
  }
}

void ProtocolWriter::operator()(Uuid const& value) {
  out_.append(reinterpret_cast<char const*>(value.data()), value.size());
}

void ProtocolWriter::varint(std::uint32_t value) {
  while (value >= 0x80U) {
    out_ += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  out_ += static_cast<char>(value);
}

void ProtocolWriter::length(std::int64_t count) {
  if (flexible_)
    varint(static_cast<std::uint32_t>(count + 1));
  else
    (*this)(static_cast<std::int32_t>(count));
}

void ProtocolWriter::string_length(std::int64_t bytes) {
  if (flexible_)
    varint(static_cast<std::uint32_t>(bytes + 1));
  else
    (*this)(static_cast<std::int16_t>(bytes));
}

// Longer strings than the protocol can say are cut: they are our own messages.
void ProtocolWriter::operator()(std::string const& value) {
  constexpr std::size_t bytes_max = 32'767;
  auto const text = std::string_view(value).substr(0, bytes_max);
  string_length(static_cast<std::int64_t>(text.size()));
  out_ += text;
}

void ProtocolWriter::operator()(std::optional<std::string> const& value) {
  if (value)
    (*this)(*value);
  else
    string_length(-1);
}

void ProtocolWriter::bytes(std::string const& value) {
  length(static_cast<std::int64_t>(value.size()));
  out_ += value;
}

void ProtocolWriter::operator()(std::optional<std::string_view> const& value) {
  length(value ? static_cast<std::int64_t>(value->size()) : -1);
  if (value) out_ += *value;
}

}  // namespace hansa::wire
