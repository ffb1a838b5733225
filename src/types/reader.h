// A type and its rules made ready to read many values: what from_json and from_text do, without
// their allocations. Immutable after construction, except that it borrows `rules`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"
#include "types/decimal.h"
#include "types/moment.h"
#include "types/pattern.h"
#include "types/type.h"

namespace hansa::types {

// What was expected, as a sentence without its subject; nullopt when the value was taken.
using Refusal = std::optional<std::string>;

class Reader {
 public:
  // `rules` may be nullptr (none) and has to live as long as this. A bound that is no value of the
  // type and a pattern outside the supported subset are ignored: not_enforced_by_database()
  // speaks of patterns.
  Reader(Type const& type, Rules const* rules);

  // Appends PostgreSQL's text input of `text` to `out`, or refuses and leaves `out` as it was.
  // Reads what from_text reads.
  [[nodiscard]] Refusal read_text(std::string_view text, std::string& out) const;
  // The same for a JSON value that is not null.
  [[nodiscard]] Refusal read_json(json::Value const& value, std::string& out) const;

 private:
  // Bounds of a number, or of anything whose canonical text sorts as its values do.
  template <class T>
  struct Bounds {
    std::optional<T> minimum, maximum, exclusive_minimum, exclusive_maximum;
  };
  enum class Source : std::uint8_t { json, text };

  void prepare_numbers();
  void prepare_moments();
  Refusal read_boolean(bool value, std::string& out) const;
  Refusal read_number(std::string_view text, NumberSyntax syntax, std::string& out) const;
  Refusal read_integer(Decimal const& value, std::string& out) const;
  Refusal read_numeric(std::string_view written, Decimal const& value, std::string& out) const;
  Refusal read_float(Decimal const& value, std::string& out) const;
  bool read_small_integer(std::string_view text, std::string& out) const;
  bool read_plain_numeric(std::string_view text, std::string& out) const;
  Refusal check_number(Decimal const& value) const;
  Refusal read_string(std::string_view text, Source source, std::string& out) const;
  Refusal read_characters(std::string_view text, std::string& out) const;
  Refusal read_bytes(std::string_view text, Source source, std::string& out) const;
  Refusal read_moment(std::string_view text, Source source, std::string& out) const;
  Refusal read_document(json::Value const& value, std::string& out) const;
  Refusal check_values(std::string_view canonical) const;

  Type type_;
  Rules const* rules_;
  Bounds<Decimal> numbers_;
  Bounds<std::string> moments_;
  std::optional<Decimal> step_;            // rules.multiple_of
  std::int64_t lowest_ = 0, highest_ = 0;  // of an integer kind, rules included
  bool simple_ = false;  // lowest_ and highest_ say all; or there are no rules at all
  std::optional<Pattern> pattern_;
  struct Format const* format_ = nullptr;
  std::vector<std::string> values_;  // rules.valid_values in canonical text
};

// Equal JSON values (numbers by value, members in any order) have equal texts here.
[[nodiscard]] std::string comparable_text(json::Value const& value);

// The canonical text of a bound or valid value of `type`; nullopt if it is none.
[[nodiscard]] std::optional<std::string> canonical(std::string_view text, Type const& type);

}  // namespace hansa::types
