// What a file may say: closed tables, one row per field, with what Hansa does about it. One walk
// over a document against its table finds every unknown key and every value of the wrong kind, and
// writes down the use of each field, so that the two cannot drift apart.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "spec/node.h"

namespace hansa::spec {

enum class Use : std::uint8_t { enforced, served, documented, ignored };

struct Verdict {
  Use use{};
  std::string_view by;  // by what, or why not
};

enum class Form : std::uint8_t {
  text,
  boolean,
  integer,
  number,
  scalar,  // any of the above
  any,     // anything, e.g. an example or a custom property's value
  texts,   // a list of text
  text_or_texts,
  one,  // a map of `shape`
  text_or_one,
  many,  // a list of maps of `shape`
  one_or_many,
  named,       // a map from free words to maps of `shape`
  options,     // logicalTypeOptions: a map whose shape follows from the owner's logicalType
  extensions,  // customProperties: `hansa.*` is checked, others are left alone
};

struct Shape;

struct Field {
  std::string_view key;
  Form form{};
  Verdict verdict;
  Shape const* shape = nullptr;  // one, many, named
  bool required = false;
  std::uint16_t since = 0;                         // of the standard: 301 is v3.1; 0: always
  std::span<std::string_view const> words = {};    // closed list of values
  Verdict (*decide)(Node const& owner) = nullptr;  // instead of `verdict`, where it depends
  bool fixable = false;                            // `check --fix` writes it where it is missing
};

// `field`, required, and written by `check --fix`.
[[nodiscard]] constexpr Field fixable(Field field) {
  field.required = true;
  field.fixable = true;
  return field;
}

// Where a customProperties list stands; an extension belongs to some of these.
enum class Owner : std::uint8_t {
  contract,
  object,
  property,
  product,
  input_port,
  output_port,
  other
};

struct Shape {
  std::string_view name;  // "a property", for messages
  std::span<Field const> fields;
  Owner owner = Owner::other;
  bool open = false;             // other keys are left alone
  Shape const* entry = nullptr;  // Form::one_or_many: of each entry, when written as a list
};

struct FieldUse {
  SourceRange where;
  std::string path;  // "schema[0].properties[2].name"
  Verdict verdict;
};

// `version`: of the standard the file declares, as in Field::since; fields newer than it are
// errors.
void check_shape(Document const& document, Shape const& shape, std::uint16_t version,
                 Diagnostics& diagnostics, std::vector<FieldUse>& uses);

// Whether check_shape() lets the single value of `key` pass; true if it is not written or unknown.
[[nodiscard]] bool member_fits(Node const& owner, Shape const& shape, std::string_view key);

}  // namespace hansa::spec
