// How Reader reads documents: values that jsonb can hold as they are, and rules on their size.
#include <algorithm>

#include "types/characters.h"
#include "types/reader.h"

namespace hansa::types {
namespace {

// jsonb writes 1e1000 out in full; a short text must not become a long one.
constexpr std::int64_t number_digits_max = 1000;

bool holds_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Refusal check_storable(json::Value const& value) {
  if (auto const* const text = value.as_string())
    return holds_nul(*text) ? Refusal("holds NUL, which cannot be stored") : std::nullopt;
  if (auto const* const number = value.as_number()) {
    auto const decimal = parse_decimal(number->digits, NumberSyntax::json);
    if (!decimal) return "holds a broken number";
    if (number->digits.size() > number_digits_max || decimal->scale() > number_digits_max ||
        decimal->integer_digits() > number_digits_max)
      return "holds a number of more than 1000 digits";
    return std::nullopt;
  }
  if (auto const* const items = value.as_array())
    for (auto const& item : *items)
      if (auto refused = check_storable(item)) return refused;
  if (auto const* const members = value.as_object())
    for (auto const& [key, member] : *members) {
      if (holds_nul(key)) return "holds a key with NUL, which cannot be stored";
      if (auto refused = check_storable(member)) return refused;
    }
  return std::nullopt;
}

Refusal check_items(json::Array const& items, Rules const& rules) {
  if (rules.min_items && items.size() < *rules.min_items)
    return "expected at least " + std::to_string(*rules.min_items) + " items";
  if (rules.max_items && items.size() > *rules.max_items)
    return "expected at most " + std::to_string(*rules.max_items) + " items";
  if (!rules.unique_items) return std::nullopt;
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (auto const& item : items) texts.push_back(comparable_text(item));
  std::sort(texts.begin(), texts.end());
  bool const twins = std::adjacent_find(texts.begin(), texts.end()) != texts.end();
  return twins ? Refusal("expected items that all differ") : std::nullopt;
}

Refusal check_members(json::Value const& value, Rules const& rules) {
  auto const count = value.as_object()->size();
  if (rules.min_properties && count < *rules.min_properties)
    return "expected at least " + std::to_string(*rules.min_properties) + " properties";
  if (rules.max_properties && count > *rules.max_properties)
    return "expected at most " + std::to_string(*rules.max_properties) + " properties";
  for (auto const& name : rules.required_properties)
    if (value.find(name) == nullptr) return "expected a property " + name;
  return std::nullopt;
}

// `value` with members in the order of their keys and numbers in one way of writing.
json::Value comparable(json::Value const& value) {
  if (auto const* const number = value.as_number()) {
    auto const decimal = parse_decimal(number->digits, NumberSyntax::json);
    if (!decimal) return value;
    return json::number((decimal->negative ? "-" : "") + decimal->digits + "e" +
                        std::to_string(decimal->exponent));
  }
  if (auto const* const items = value.as_array()) {
    json::Array out;
    for (auto const& item : *items) out.push_back(comparable(item));
    return json::array(std::move(out));
  }
  if (auto const* const members = value.as_object()) {
    json::Object out;
    for (auto const& [key, member] : *members) out.emplace_back(key, comparable(member));
    std::sort(out.begin(), out.end(),
              [](auto const& a, auto const& b) { return a.first < b.first; });
    return json::object(std::move(out));
  }
  return value;
}

}  // namespace

std::string comparable_text(json::Value const& value) { return json::to_text(comparable(value)); }

Refusal Reader::read_document(json::Value const& value, std::string& out) const {
  if (type_.shape == JsonShape::object && value.as_object() == nullptr) return "expected an object";
  if (type_.shape == JsonShape::array && value.as_array() == nullptr) return "expected an array";
  if (auto refused = check_storable(value)) return refused;
  Refusal refused;
  if (auto const* const items = value.as_array()) refused = check_items(*items, *rules_);
  if (value.as_object() != nullptr) refused = check_members(value, *rules_);
  if (!refused && !rules_->valid_values.empty()) refused = check_values(comparable_text(value));
  if (!refused) json::write(value, out);
  return refused;
}

}  // namespace hansa::types
