#include "gateway/record_columns.h"

#include <algorithm>

namespace hansa::gateway {

RecordColumns::RecordColumns(mesh::Object const& object, mesh::Topic const& topic) {
  for (ColumnName const& field : topic.fields) {
    auto const found = std::ranges::find(object.columns, field, &mesh::Column::name);
    if (found != object.columns.end())
      columns_.push_back({&*found, types::Reader(found->type, &found->rules)});
  }
}

std::expected<RecordColumns::Values, std::string> RecordColumns::read(
    json::Value const& value) const {
  if (value.as_object() == nullptr) return std::unexpected("the value is no JSON object");
  Values values;
  for (auto const& [column, reader] : columns_) {
    auto const* const found = value.find(column->name.text());
    auto& text = values.emplace_back();
    if (found == nullptr || found->is_null()) {
      if (column->required) return std::unexpected("`" + column->name.text() + "` is required");
      continue;
    }
    if (auto reason = reader.read_json(*found, text.emplace()))
      return std::unexpected("`" + column->name.text() + "` " + *std::move(reason));
  }
  return values;
}

}  // namespace hansa::gateway
