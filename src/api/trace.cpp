#include "api/trace.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>

namespace hansa::api {

namespace {

// splitmix64 (Steele, Lea, Flood 2014): one multiplication chain for each 64 bits.
std::uint64_t next_random() {
  thread_local std::uint64_t state = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
  }();
  std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

void write_hex(std::uint64_t bits, std::span<char> out) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (auto& c : out) {
    c = digits[bits >> 60U];
    bits <<= 4U;
  }
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

Trace trace_of(std::string_view traceparent) {
  Trace trace;
  write_hex(next_random() | 1U, trace.span_id);
  auto const valid = traceparent.size() == 55 && traceparent.starts_with("00-") &&
                     traceparent[35] == '-' && traceparent[52] == '-' &&
                     is_hex(traceparent.substr(3, 32)) && is_hex(traceparent.substr(36, 16)) &&
                     is_hex(traceparent.substr(53)) && !is_zero(traceparent.substr(3, 32)) &&
                     !is_zero(traceparent.substr(36, 16));
  if (valid) {
    std::ranges::copy(traceparent.substr(3, 32), trace.trace_id.begin());
    std::ranges::copy(traceparent.substr(53), trace.flags.begin());
  } else {
    write_hex(next_random(), std::span(trace.trace_id).first(16));
    write_hex(next_random() | 1U, std::span(trace.trace_id).last(16));
  }
  return trace;
}

std::string to_text(Trace const& trace) {
  std::string text = "00-";
  text.append(trace.trace_id.data(), trace.trace_id.size()).push_back('-');
  text.append(trace.span_id.data(), trace.span_id.size()).push_back('-');
  text.append(trace.flags.data(), trace.flags.size());
  return text;
}

}  // namespace hansa::api
