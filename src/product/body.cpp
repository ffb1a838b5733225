#include "product/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace hansa::product {
namespace {

constexpr std::size_t faults_max = 100;

// The faults of one body, gathered so that its writer sees them all at once.
class Faults {
 public:
  void add(std::string path, std::string message) {
    ++count_;
    if (fields_.size() < faults_max) fields_.push_back({std::move(path), std::move(message)});
  }
  // Nothing more is listed; a search for near names would be in vain.
  [[nodiscard]] bool full() const { return fields_.size() == faults_max; }
  [[nodiscard]] bool any() const { return count_ > 0; }
  [[nodiscard]] std::unexpected<Error> refusal(Table const& table) {
    std::string detail =
        fields_.size() == 1 ? fmt::format("`{}`: {}", fields_.front().path, fields_.front().message)
                            : fmt::format("{}{} fields do not fit the contract of `{}`",
                                          full() ? "at least " : "", count_, table.name());
    return std::unexpected(Error{.code = Code::invalid_body,
                                 .detail = std::move(detail),
                                 .hint = {},
                                 .fields = std::move(fields_)});
  }

 private:
  std::size_t count_ = 0;
  std::vector<FieldError> fields_;
};

std::string pointer(std::string_view prefix, std::string_view member) {
  std::string path{prefix};
  path.push_back('/');
  for (char const c : member) {
    if (c == '~') {
      path += "~0";
    } else if (c == '/') {
      path += "~1";
    } else {
      path.push_back(c);
    }
  }
  return path;
}

void add_unknown_members(Table const& table, json::Object const& object, std::string_view prefix,
                         Faults& faults) {
  for (auto const& [name, value] : object) {
    if (table.find(name)) continue;
    if (faults.full()) return;
    std::string const suggestion = table.suggestion(name);
    faults.add(pointer(prefix, name),
               "no such column" + (suggestion.empty() ? "" : "; " + suggestion));
  }
}

// The database fills it in when a new row is silent about it.
bool is_generated(mesh::Object const& object, mesh::Column const& column) {
  bool const expression =
      column.default_value && column.default_value->kind == mesh::Default::Kind::expression;
  return column.identity || expression || (!object.managed && !column.required);
}

void read_absent(Table const& table, std::size_t field, std::string_view prefix, NewRow& row,
                 Faults& faults) {
  mesh::Column const& column = *table[field].column;
  if (is_generated(*table.served.object, column)) return;
  if (column.default_value) {
    row.fields.push_back(field);
    row.values.emplace_back(column.default_value->text);
  } else if (column.required) {
    faults.add(pointer(prefix, column.name.text()), "is required");
  } else {
    row.fields.push_back(field);
    row.values.emplace_back(std::nullopt);
  }
}

// A member's value, or a fault. NULL only where the contract allows it.
std::optional<postgres::Param> read_member(mesh::Column const& column, json::Value const& value,
                                           std::string_view prefix, Faults& faults) {
  auto converted = types::from_json(value, column.type, column.rules);
  if (!converted) {
    faults.add(pointer(prefix, column.name.text()), converted.error().detail);
    return std::nullopt;
  }
  if (!*converted && (column.required || column.identity)) {
    faults.add(pointer(prefix, column.name.text()), "must not be null");
    return std::nullopt;
  }
  return *std::move(converted);
}

NewRow read_new_row(Table const& table, json::Object const& object, std::string_view prefix,
                    Faults& faults) {
  NewRow row;
  add_unknown_members(table, object, prefix, faults);
  for (std::size_t field = 0; field < table.fields.size(); ++field) {
    mesh::Column const& column = *table[field].column;
    auto const member =
        std::ranges::find(object, column.name.text(), &std::pair<std::string, json::Value>::first);
    if (member == object.end()) {
      read_absent(table, field, prefix, row, faults);
    } else if (auto value = read_member(column, member->second, prefix, faults)) {
      row.fields.push_back(field);
      row.values.push_back(*std::move(value));
    }
  }
  return row;
}

void check_key_member(Table const& table, std::size_t field, postgres::Params const& key,
                      postgres::Param const& value, Faults& faults) {
  auto const position = std::ranges::find(table.key, field) - table.key.begin();
  if (value != key[static_cast<std::size_t>(position)])
    faults.add(pointer("", table[field].column->name.text()),
               "is part of the key, which a patch cannot change");
}

}  // namespace

Result<NewRows> read_new_rows(Table const& table, std::string_view body, Settings const& settings) {
  HANSA_TRY(json::Value const document, json::parse(body));
  NewRows rows;
  Faults faults;
  if (json::Object const* object = document.as_object()) {
    rows.rows.push_back(read_new_row(table, *object, "", faults));
  } else if (json::Array const* array = document.as_array()) {
    rows.shape = BodyShape::array;
    if (array->empty()) return failure(Code::invalid_body, "the array has no row");
    if (array->size() > settings.post_rows_max)
      return failure(
          Code::invalid_body,
          fmt::format("{} rows are over the limit of {}", array->size(), settings.post_rows_max),
          "send several requests, or use `hansa load` for files");
    for (std::size_t i = 0; i < array->size(); ++i) {
      std::string const prefix = fmt::format("/{}", i);
      if (json::Object const* item = (*array)[i].as_object()) {
        rows.rows.push_back(read_new_row(table, *item, prefix, faults));
      } else {
        faults.add(prefix, "a row is a JSON object");
      }
    }
  } else {
    return failure(Code::invalid_body, "the body is neither an object nor an array of objects");
  }
  if (faults.any()) return faults.refusal(table);
  return rows;
}

Result<Patch> read_patch(Table const& table, postgres::Params const& key, std::string_view body) {
  HANSA_TRY(json::Value const document, json::parse(body));
  json::Object const* object = document.as_object();
  if (!object) return failure(Code::invalid_body, "a merge patch is a JSON object");
  Patch patch;
  Faults faults;
  add_unknown_members(table, *object, "", faults);
  for (auto const& [name, value] : *object) {
    auto const field = table.find(name);
    if (!field) continue;
    mesh::Column const& column = *table[*field].column;
    if (column.type.kind == types::Kind::json && value.as_object()) {
      patch.merges.push_back({*field, value});
      continue;
    }
    auto converted = read_member(column, value, "", faults);
    if (!converted) continue;
    if (std::ranges::find(table.key, *field) != table.key.end()) {
      check_key_member(table, *field, key, *converted, faults);
      continue;
    }
    patch.fields.push_back(*field);
    patch.values.push_back(*std::move(converted));
  }
  if (faults.any()) return faults.refusal(table);
  return patch;
}

// Linear in both: a body may hold a million members.
json::Value merged(json::Value target, json::Value const& patch) {
  json::Object const* changes = patch.as_object();
  if (!changes) return patch;
  std::unordered_map<std::string_view, json::Value const*> open;
  for (auto const& [name, change] : *changes) open.emplace(name, &change);
  json::Object result;
  if (auto* members = std::get_if<json::Object>(&target.data)) {
    for (auto& [name, value] : *members) {
      auto const found = open.find(name);
      if (found == open.end()) {
        result.emplace_back(std::move(name), std::move(value));
        continue;
      }
      if (!found->second->is_null())
        result.emplace_back(std::move(name), merged(std::move(value), *found->second));
      open.erase(found);
    }
  }
  for (auto const& [name, change] : *changes)
    if (!change.is_null() && open.contains(name))
      result.emplace_back(name, merged(json::Value{}, change));
  return json::object(std::move(result));
}

Result<std::string> merged_text(Table const& table, Patch::Merge const& merge,
                                postgres::Param const& stored) {
  mesh::Column const& column = *table[merge.field].column;
  json::Value target;
  if (stored) {
    HANSA_TRY(target, json::parse(*stored));
  }
  Faults faults;
  auto value = read_member(column, merged(std::move(target), merge.patch), "", faults);
  if (faults.any()) return faults.refusal(table);
  return value->value();
}

}  // namespace hansa::product
