#include "mesh/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace hansa::mesh {

namespace {

// How a property says that it is part of a key, and at which place of it.
struct Marks {
  bool spec::Property::* member;
  std::optional<Located<std::int64_t>> spec::Property::* position;
  std::string_view member_key, position_key;
};
constexpr Marks primary{&spec::Property::primary_key, &spec::Property::primary_key_position,
                        "primaryKey", "primaryKeyPosition"};
constexpr Marks partition{&spec::Property::partitioned, &spec::Property::partition_key_position,
                          "partitioned", "partitionKeyPosition"};

struct Part {
  std::int64_t position;
  std::size_t index;
};

std::vector<Part> marked(spec::SchemaObject const& source, Marks const& marks, Object& object,
                         Diagnostics& diagnostics) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < source.properties.size(); ++i) {
    spec::Property const& property = source.properties[i];
    auto const& position = property.*marks.position;
    bool const in_key = property.*marks.member;
    if (position && position->value >= 0 && !in_key) {
      diagnostics.error(
          Code::mismatch, position->where,
          fmt::format("a position in the key, but `{}` is not true", marks.member_key));
    }
    if (!in_key) continue;
    parts.push_back({position ? position->value : -1, i});
    object.columns[i].required = true;
    if (object.columns[i].type.kind == types::Kind::json) {
      diagnostics.error(Code::unsupported_type, property.name.where,
                        "an object or array cannot be a key");
    }
  }
  std::ranges::stable_sort(parts, {}, &Part::position);
  return parts;
}

std::vector<ColumnName> resolve(spec::SchemaObject const& source, Marks const& marks,
                                Object& object, Diagnostics& diagnostics) {
  std::vector<ColumnName> key;
  std::vector<Part> const parts = marked(source, marks, object, diagnostics);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool const placed = parts[i].position >= 0;
    if (parts.size() > 1 && (!placed || (i > 0 && parts[i].position == parts[i - 1].position))) {
      diagnostics.error(
          Code::missing_key, source.properties[parts[i].index].name.where,
          fmt::format("a key of several columns needs a different {} for each", marks.position_key),
          fmt::format("write {}: 1, 2, ... in the order of the key", marks.position_key));
    }
    key.push_back(object.columns[parts[i].index].name);
  }
  return key;
}

}  // namespace

void resolve_primary_key(spec::SchemaObject const& source, Object& object,
                         Diagnostics& diagnostics) {
  object.primary_key = resolve(source, primary, object, diagnostics);
  if (object.primary_key.empty() && object.kind == ObjectKind::table) {
    diagnostics.error(Code::missing_primary_key, source.name.where,
                      fmt::format("table `{}` has no primary key", source.name.value),
                      "write `primaryKey: true` on the property that identifies a row");
  }
}

std::vector<ColumnName> resolve_event_key(spec::SchemaObject const& source, Object& object,
                                          Diagnostics& diagnostics) {
  auto key = resolve(source, partition, object, diagnostics);
  return key.empty() ? object.primary_key : key;
}

}  // namespace hansa::mesh
