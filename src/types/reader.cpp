#include "types/reader.h"

#include <algorithm>
#include <array>

#include "types/characters.h"

namespace hansa::types {
namespace {

Rules const no_rules;

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
    bool const hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

std::optional<bool> read_truth(std::string_view text) {
  constexpr std::array<std::string_view, 5> yes = {"true", "t", "TRUE", "T", "True"};
  constexpr std::array<std::string_view, 5> nope = {"false", "f", "FALSE", "F", "False"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(nope.begin(), nope.end(), text) != nope.end()) return false;
  return std::nullopt;
}

Refusal out_of_length(std::size_t count, Rules const& rules, std::string_view unit) {
  if (rules.max_length && count > *rules.max_length)
    return "expected at most " + std::to_string(*rules.max_length) + " " + std::string(unit);
  if (rules.min_length && count < *rules.min_length)
    return "expected at least " + std::to_string(*rules.min_length) + " " + std::string(unit);
  return std::nullopt;
}

}  // namespace

Reader::Reader(Type const& type, Rules const* rules)
    : type_(type), rules_(rules != nullptr ? rules : &no_rules) {
  switch (type_.kind) {
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
    case Kind::numeric:
    case Kind::float32:
    case Kind::float64:
      prepare_numbers();
      break;
    case Kind::date:
    case Kind::time:
    case Kind::timestamp:
    case Kind::timestamptz:
      prepare_moments();
      break;
    case Kind::text:
      if (rules_->format) format_ = find_format(*rules_->format);
      if (rules_->pattern)
        if (auto compiled = Pattern::compile(*rules_->pattern)) pattern_ = *std::move(compiled);
      break;
    default:
      break;
  }
  for (auto const& value : rules_->valid_values)
    if (auto text = canonical(value, type_)) values_.push_back(*std::move(text));
}

void Reader::prepare_moments() {
  auto const prepare = [this](std::optional<std::string> const& text) {
    return text ? canonical(*text, type_) : std::nullopt;
  };
  moments_ = {prepare(rules_->minimum), prepare(rules_->maximum),
              prepare(rules_->exclusive_minimum), prepare(rules_->exclusive_maximum)};
}

Refusal Reader::check_values(std::string_view canonical_text) const {
  if (rules_->valid_values.empty()) return std::nullopt;
  if (std::find(values_.begin(), values_.end(), canonical_text) != values_.end())
    return std::nullopt;
  constexpr std::size_t shown_max = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(values_.size(), shown_max); ++i)
    list += (i > 0 ? ", " : "") + values_[i];
  return "expected one of: " + list + (values_.size() > shown_max ? ", ..." : "");
}

Refusal Reader::read_text(std::string_view text, std::string& out) const {
  switch (type_.kind) {
    case Kind::boolean: {
      auto const value = read_truth(text);
      if (!value) return "expected true or false";
      return read_boolean(*value, out);
    }
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
      if (simple_ && read_small_integer(text, out)) return std::nullopt;
      return read_number(text, NumberSyntax::lenient, out);
    case Kind::numeric:
      if (simple_ && read_plain_numeric(text, out)) return std::nullopt;
      return read_number(text, NumberSyntax::lenient, out);
    case Kind::float32:
    case Kind::float64:
      return read_number(text, NumberSyntax::lenient, out);
    case Kind::json: {
      auto const value = json::parse(text);
      if (!value) return "expected JSON: " + value.error().detail;
      return read_document(*value, out);
    }
    default:
      return read_string(text, Source::text, out);
  }
}

Refusal Reader::read_json(json::Value const& value, std::string& out) const {
  switch (type_.kind) {
    case Kind::boolean: {
      auto const* const truth = value.as_bool();
      if (truth == nullptr) return "expected true or false";
      return read_boolean(*truth, out);
    }
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
    case Kind::numeric:
    case Kind::float32:
    case Kind::float64: {
      auto const* const number = value.as_number();
      bool const is_integer = type_.kind <= Kind::int64;
      if (number == nullptr) return is_integer ? "expected an integer" : "expected a number";
      if (simple_ && is_integer && read_small_integer(number->digits, out)) return std::nullopt;
      if (simple_ && type_.kind == Kind::numeric && read_plain_numeric(number->digits, out))
        return std::nullopt;
      return read_number(number->digits, NumberSyntax::json, out);
    }
    case Kind::json:
      return read_document(value, out);
    default: {
      auto const* const text = value.as_string();
      if (text == nullptr) return "expected a string";
      return read_string(*text, Source::json, out);
    }
  }
}

Refusal Reader::read_boolean(bool value, std::string& out) const {
  std::string_view const text = value ? "true" : "false";
  if (auto refused = check_values(text)) return refused;
  out += text;
  return std::nullopt;
}

Refusal Reader::read_string(std::string_view text, Source source, std::string& out) const {
  auto const start = out.size();
  auto const refused = [&]() -> Refusal {
    switch (type_.kind) {
      case Kind::text:
        return read_characters(text, out);
      case Kind::bytes:
        return read_bytes(text, source, out);
      case Kind::uuid:
        if (!is_uuid(text)) return "expected a UUID like 123e4567-e89b-12d3-a456-426614174000";
        for (char const c : text) out += c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
        return std::nullopt;
      default:
        return read_moment(text, source, out);
    }
  }();
  auto const verdict = refused ? refused : check_values(std::string_view(out).substr(start));
  if (verdict) out.resize(start);
  return verdict;
}

Refusal Reader::read_characters(std::string_view text, std::string& out) const {
  auto const count = count_characters(text);
  if (count.fault == CharacterCount::Fault::nul) return "holds NUL, which cannot be stored";
  if (count.fault == CharacterCount::Fault::not_utf8) return "is not UTF-8";
  if (auto refused = out_of_length(count.characters, *rules_, "characters")) return refused;
  if (format_ != nullptr && !format_->accepts(text))
    return "expected " + std::string(format_->expected);
  // A longer text is left to the database, whose CHECK holds the same pattern.
  if (pattern_ && count.characters <= Pattern::searched_max && !pattern_->found_in(text))
    return "does not match the pattern " + *rules_->pattern;
  out += text;
  return std::nullopt;
}

Refusal Reader::read_bytes(std::string_view text, Source source, std::string& out) const {
  std::string bytes;
  bool const hex = source == Source::text && text.starts_with("\\x");
  if (hex ? !decode_hex_bytes(text, bytes) : !decode_base64(text, bytes))
    return "expected base64 with padding";
  if (auto refused = out_of_length(bytes.size(), *rules_, "bytes")) return refused;
  append_hex_bytes(bytes, out);
  return std::nullopt;
}

Refusal Reader::read_moment(std::string_view text, Source source, std::string& out) const {
  auto const syntax = source == Source::json ? MomentSyntax::rfc3339 : MomentSyntax::postgres;
  std::string canonical_text;
  if (type_.kind == Kind::date || type_.kind == Kind::time) {
    auto read = type_.kind == Kind::date ? read_date(text) : read_time(text, syntax);
    if (!read) return std::move(read).error();
    canonical_text = *std::move(read);
  } else {
    bool const bare = type_.kind == Kind::timestamp && source == Source::text;
    auto read = read_instant(text, syntax, bare ? Offset::optional : Offset::required);
    if (!read) return std::move(read).error();
    canonical_text = instant_text(*read);
    if (type_.kind == Kind::timestamptz) canonical_text += "+00";
  }
  if (moments_.minimum && canonical_text < *moments_.minimum)
    return "expected " + *rules_->minimum + " or later";
  if (moments_.maximum && canonical_text > *moments_.maximum)
    return "expected " + *rules_->maximum + " or earlier";
  if (moments_.exclusive_minimum && canonical_text <= *moments_.exclusive_minimum)
    return "expected later than " + *rules_->exclusive_minimum;
  if (moments_.exclusive_maximum && canonical_text >= *moments_.exclusive_maximum)
    return "expected earlier than " + *rules_->exclusive_maximum;
  out += canonical_text;
  return std::nullopt;
}

std::optional<std::string> canonical(std::string_view text, Type const& type) {
  std::string out;
  if (type.kind == Kind::json) {
    auto const value = json::parse(text);
    return value ? std::optional(comparable_text(*value)) : std::nullopt;
  }
  if (Reader(type, nullptr).read_text(text, out)) return std::nullopt;
  // A number is canonical when equal numbers have equal texts.
  if (auto const number = type.kind >= Kind::int16 && type.kind <= Kind::float64
                              ? parse_decimal(out, NumberSyntax::lenient)
                              : std::nullopt)
    return to_plain_text(*number);
  return out;
}

Result<std::optional<std::string>> from_json(json::Value const& value, Type const& type,
                                             Rules const& rules) {
  if (value.is_null()) return std::optional<std::string>{};
  std::string out;
  if (auto refused = Reader(type, &rules).read_json(value, out))
    return failure(Code::invalid_body, *std::move(refused));
  return out;
}

Result<std::string> from_text(std::string_view text, Type const& type, Rules const* rules) {
  std::string out;
  if (auto refused = Reader(type, rules).read_text(text, out))
    return failure(Code::invalid_body, *std::move(refused));
  return out;
}

}  // namespace hansa::types
