#include "avro/defaults.h"

#include <algorithm>
#include <map>

#include "types/characters.h"
#include "types/decimal.h"

namespace hansa::avro {
namespace {

constexpr std::size_t comparisons_max = 1'000'000;

// Bytes stand in JSON as a string of the code points up to U+00FF. The count, or nullopt.
std::optional<std::size_t> byte_count(std::string_view text) {
  std::size_t count = 0;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte > 0xC3) return std::nullopt;
    if ((byte & 0xC0U) != 0x80) ++count;
  }
  return count;
}

class DefaultChecker {
 public:
  explicit DefaultChecker(Schema const& schema) : schema_(schema) {}

  bool fits(json::Value const& value, NodeId id) {
    if (++comparisons_ > comparisons_max) return false;
    auto const& node = schema_.at(id);
    switch (node.form) {
      case Form::null:
        return value.is_null();
      case Form::boolean:
        return value.as_bool() != nullptr;
      case Form::int32:
      case Form::int64:
        return is_integer(value, node.form == Form::int32);
      case Form::float32:
      case Form::float64:
        return value.as_number() != nullptr;
      case Form::bytes:
        return value.as_string() != nullptr && byte_count(*value.as_string());
      case Form::fixed:
        return value.as_string() != nullptr && byte_count(*value.as_string()) == node.size;
      case Form::string:
        return value.as_string() != nullptr;
      case Form::enumeration:
        return value.as_string() != nullptr &&
               std::ranges::find(node.symbols, *value.as_string()) != node.symbols.end();
      case Form::array:
        return value.as_array() != nullptr &&
               std::ranges::all_of(*value.as_array(),
                                   [&](auto const& item) { return fits(item, node.parts[0]); });
      case Form::map:
        return value.as_object() != nullptr &&
               std::ranges::all_of(*value.as_object(), [&](auto const& member) {
                 return fits(member.second, node.parts[0]);
               });
      case Form::choice:
        return std::ranges::any_of(node.parts, [&](NodeId part) { return fits(value, part); });
      case Form::record:
        return fits_record(value, node);
    }
    return false;
  }

  [[nodiscard]] bool exhausted() const { return comparisons_ > comparisons_max; }

 private:
  static bool is_integer(json::Value const& value, bool narrow) {
    auto const* number = value.as_number();
    if (number == nullptr || number->digits.contains('.')) return false;
    auto const decimal = types::parse_decimal(number->digits, types::NumberSyntax::json);
    auto const integer = decimal ? types::to_int64(*decimal) : std::nullopt;
    return integer && (!narrow || (*integer >= INT32_MIN && *integer <= INT32_MAX));
  }

  // A field that is left out takes its own default, which is checked where it stands.
  bool fits_record(json::Value const& value, SchemaNode const& node) {
    auto const* object = value.as_object();
    if (object == nullptr) return false;
    std::map<std::string_view, json::Value const*> members;
    for (auto const& [name, member] : *object) members.emplace(name, &member);
    comparisons_ += node.fields.size();
    return std::ranges::all_of(node.fields, [&](SchemaField const& field) {
      auto const found = members.find(field.name);
      if (found == members.end()) return field.default_value.has_value();
      return fits(*found->second, field.type);
    });
  }

  Schema const& schema_;
  std::size_t comparisons_ = 0;
};

}  // namespace

Result<void> check_defaults(Schema const& schema) {
  DefaultChecker checker(schema);
  for (auto const& node : schema.nodes)
    for (auto const& field : node.fields) {
      if (!field.default_value || checker.fits(*field.default_value, field.type)) continue;
      auto const what = "Avro schema: the default of field `" + field.name + "` of " + node.name;
      if (checker.exhausted())
        return failure(Code::too_complex, what + " takes too long to compare with its type");
      return failure(Code::invalid_value, what + " is no value of its type");
    }
  return {};
}

}  // namespace hansa::avro
