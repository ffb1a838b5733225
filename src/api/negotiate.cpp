#include "api/negotiate.h"

#include <algorithm>

namespace hansa::api {

namespace {

constexpr std::size_t preferences_max = 16;
constexpr int quality_full = 1000;

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the part before `separator` off `text`. No part of the headers read here may hold a
// separator inside quotes.
std::string_view take(std::string_view& text, char separator) {
  auto const end = text.find(separator);
  auto const part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return trimmed(part);
}

bool same(std::string_view a, std::string_view b) {
  auto const lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// "0.5" to 500; what is no qvalue counts as full, as most servers have it.
int quality_of(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '1') return quality_full;
  auto quality = (text.front() - '0') * quality_full;
  auto weight = quality_full;
  for (std::size_t i = 2; i < text.size() && i < 5; ++i) {
    if (text[i] < '0' || text[i] > '9') return quality_full;
    weight /= 10;
    quality += (text[i] - '0') * weight;
  }
  return std::min(quality, quality_full);
}

struct Range {
  std::string_view type;
  int quality = quality_full;
};

Range range_of(std::string_view text) {
  Range range{.type = take(text, ';')};
  while (!text.empty()) {
    auto parameter = take(text, ';');
    auto const name = take(parameter, '=');
    if (same(name, "q")) range.quality = quality_of(parameter);
  }
  return range;
}

// How closely a range names a type: 0 not at all, 3 exactly.
int closeness(std::string_view range, std::string_view type) {
  if (same(range, type)) return 3;
  if (range.ends_with("/*") && range != "*/*" &&
      same(range.substr(0, range.size() - 1), type.substr(0, type.find('/') + 1))) {
    return 2;
  }
  return range == "*/*" || range == "*" ? 1 : 0;
}

int quality_for(std::string_view accept, std::string_view type) {
  int closest = 0;
  int quality = 0;
  while (!accept.empty()) {
    auto const range = range_of(take(accept, ','));
    auto const close = closeness(range.type, type);
    if (close > closest) {
      closest = close;
      quality = range.quality;
    }
  }
  return quality;
}

}  // namespace

std::optional<std::string_view> preferred_type(std::string_view accept,
                                               std::span<std::string_view const> offered) {
  accept = trimmed(accept);
  if (accept.empty() || accept == "*/*") return offered.front();
  std::optional<std::string_view> best;
  int best_quality = 0;
  for (auto const type : offered) {
    auto const quality = quality_for(accept, type);
    if (quality > best_quality) {
      best = type;
      best_quality = quality;
    }
  }
  return best;
}

bool is_accepted_type(std::string_view content_type, std::string_view accepted) {
  auto const type = take(content_type, ';');
  while (!content_type.empty()) {
    auto parameter = take(content_type, ';');
    auto const name = take(parameter, '=');
    if (!same(name, "charset")) continue;
    if (!same(parameter, "utf-8") && !same(parameter, "\"utf-8\"")) return false;
  }
  while (!accepted.empty()) {
    if (same(type, take(accepted, ','))) return true;
  }
  return false;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    auto const range = range_of(take(accept_encoding, ','));
    if (same(range.type, "gzip")) return range.quality > 0;
    if (range.type == "*") any = range.quality > 0;
  }
  return any;
}

std::vector<std::string> preferences(std::string_view prefer) {
  std::vector<std::string> parts;
  while (!prefer.empty() && parts.size() < preferences_max) {
    auto const part = take(prefer, ',');
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

}  // namespace hansa::api
