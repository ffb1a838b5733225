#include "spec/option_shapes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hansa::spec {

namespace {

constexpr Verdict check{Use::enforced, "CHECK constraint, REST 422"};
constexpr Verdict column_type{Use::enforced, "column type, REST 422"};
constexpr Verdict no_vectors{Use::documented, "vectors are stored as they are"};

constexpr std::array<std::string_view, 10> integer_formats = {"i8", "i16", "i32", "i64", "i128",
                                                              "u8", "u16", "u32", "u64", "u128"};
constexpr std::array<std::string_view, 2> number_formats = {"f32", "f64"};

constexpr std::array string_fields = std::to_array<Field>({
    {"minLength", Form::integer, check},
    {"maxLength", Form::integer, check},
    {"pattern", Form::text, check},
    {"format", Form::text, column_type},
});
constexpr std::array date_fields = std::to_array<Field>({
    {"format", Form::text, {Use::documented, "dates are written as RFC 3339 says"}},
    {"minimum", Form::text, check},
    {"maximum", Form::text, check},
    {"exclusiveMinimum", Form::text, check},
    {"exclusiveMaximum", Form::text, check},
});
constexpr std::array time_fields = std::to_array<Field>({
    {"format", Form::text, {Use::documented, "times are written as RFC 3339 says"}},
    {"minimum", Form::text, check},
    {"maximum", Form::text, check},
    {"exclusiveMinimum", Form::text, check},
    {"exclusiveMaximum", Form::text, check},
    {"timezone", Form::boolean, column_type},
    {"defaultTimezone", Form::text, {Use::served, "REST writes the offset"}},
});
constexpr std::array integer_fields = std::to_array<Field>({
    {"multipleOf", Form::number, check},
    {"minimum", Form::number, check},
    {"maximum", Form::number, check},
    {"exclusiveMinimum", Form::number, check},
    {"exclusiveMaximum", Form::number, check},
    {"format", Form::text, column_type, nullptr, false, 0, integer_formats},
});
constexpr std::array number_fields = std::to_array<Field>({
    {"multipleOf", Form::number, check},
    {"minimum", Form::number, check},
    {"maximum", Form::number, check},
    {"exclusiveMinimum", Form::number, check},
    {"exclusiveMaximum", Form::number, check},
    {"format", Form::text, column_type, nullptr, false, 0, number_formats},
});
constexpr std::array object_fields = std::to_array<Field>({
    {"minProperties", Form::integer, check},
    {"maxProperties", Form::integer, check},
    {"required", Form::texts, check},
});
constexpr std::array array_fields = std::to_array<Field>({
    {"minItems", Form::integer, check},
    {"maxItems", Form::integer, check},
    {"uniqueItems", Form::boolean, check},
});
constexpr std::array vector_fields = std::to_array<Field>({
    {"dimensions", Form::integer, no_vectors},
    {"elementType", Form::text, no_vectors},
    {"distanceMetric", Form::text, no_vectors},
    {"embeddingModel", Form::text, no_vectors},
    {"embeddingModelVersion", Form::text, no_vectors},
    {"normalized", Form::boolean, no_vectors},
});

constexpr std::array<std::pair<std::string_view, Shape>, 11> shapes = {{
    {"string", {"the options of a string", string_fields}},
    {"date", {"the options of a date", date_fields}},
    {"timestamp", {"the options of a timestamp", time_fields}},
    {"time", {"the options of a time", time_fields}},
    {"integer", {"the options of an integer", integer_fields}},
    {"number", {"the options of a number", number_fields}},
    {"boolean", {"the options of a boolean", {}}},
    {"object", {"the options of an object", object_fields}},
    {"map", {"the options of a map", object_fields}},
    {"array", {"the options of an array", array_fields}},
    {"vector", {"the options of a vector", vector_fields}},
}};

constexpr Shape unknown{"logicalTypeOptions", {}, Owner::other, true};

}  // namespace

Shape const& option_shape(Node const& property) {
  Node const* const type = property.find("logicalType");
  if (type == nullptr) return unknown;
  auto const found =
      std::ranges::find(shapes, type->text, &std::pair<std::string_view, Shape>::first);
  return found == shapes.end() ? unknown : found->second;
}

}  // namespace hansa::spec
