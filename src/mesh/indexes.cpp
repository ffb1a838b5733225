#include "mesh/indexes.h"

#include <fmt/format.h>

#include <algorithm>

#include "mesh/names.h"

namespace hansa::mesh {

namespace {

constexpr std::size_t index_columns_max = 32;  // INDEX_MAX_KEYS of PostgreSQL

class IndexList {
 public:
  IndexList(Object& object, std::set<std::string>& taken) : object_(object), taken_(taken) {}

  void add(std::vector<ColumnName> columns, bool unique, Index::Origin origin,
           std::string_view suffix) {
    std::vector<std::string> physical;
    if (origin != Index::Origin::primary_key) {
      for (ColumnName const& column : columns) {
        physical.push_back(object_.find(column.text())->physical_name);
      }
    }
    std::string name = index_name(object_.physical_name, physical, suffix);
    if (!taken_.insert(name).second) {
      name = hashed_index_name(object_.physical_name, physical, suffix);
      taken_.insert(name);
    }
    object_.indexes.push_back({std::move(name), std::move(columns), unique, origin});
  }

  [[nodiscard]] bool covers_exactly(std::vector<ColumnName> const& columns) const {
    return std::ranges::any_of(object_.indexes,
                               [&](Index const& index) { return index.columns == columns; });
  }

  [[nodiscard]] bool leads(ColumnName const& column) const {
    return std::ranges::any_of(object_.indexes,
                               [&](Index const& index) { return index.columns.front() == column; });
  }

 private:
  Object& object_;
  std::set<std::string>& taken_;
};

// The column lists of hansa.unique or hansa.indexes; what is no list of known columns is reported.
std::vector<std::vector<ColumnName>> column_lists(spec::SchemaObject const& source,
                                                  std::string_view key, std::string const& file,
                                                  Object const& object, Diagnostics& diagnostics) {
  std::vector<std::vector<ColumnName>> lists;
  spec::ExtensionValue const* const extension = source.extension(key);
  if (extension == nullptr) return lists;
  auto const place = [&](spec::Node const& node) {
    return SourceRange{file, node.place.line, node.place.column, node.place.length};
  };
  std::string const shape =
      fmt::format("`{}` is a list of lists of columns, e.g. [[a, b], [c]]", key);
  if (!extension->value.is_sequence()) {
    diagnostics.error(Code::wrong_type, place(extension->value), shape);
    return lists;
  }
  std::vector<std::string_view> known;
  for (Column const& column : object.columns) known.push_back(column.name.text());
  for (spec::Node const& list : extension->value.items) {
    if (!list.is_sequence() || list.items.empty() || list.items.size() > index_columns_max) {
      diagnostics.error(Code::wrong_type, place(list), shape);
      continue;
    }
    std::vector<ColumnName> columns;
    bool good = true;
    for (spec::Node const& item : list.items) {
      ColumnName column(item.text);
      if (object.find(item.text) == nullptr) {
        std::string_view const near = nearest(item.text, known);
        diagnostics.error(Code::missing_reference, place(item),
                          fmt::format("`{}` has no column `{:.80}`", object.name.text(), item.text),
                          near.empty() ? std::string{} : fmt::format("did you mean `{}`?", near));
        good = false;
      } else if (std::ranges::find(columns, column) != columns.end()) {
        diagnostics.error(Code::invalid_value, place(item), "the column stands twice in one index");
        good = false;
      }
      columns.push_back(std::move(column));
    }
    if (good) lists.push_back(std::move(columns));
  }
  return lists;
}

}  // namespace

void resolve_indexes(spec::SchemaObject const& source, std::string const& file, Object& object,
                     std::set<std::string>& taken, Diagnostics& diagnostics) {
  IndexList list(object, taken);
  if (!object.primary_key.empty()) {
    list.add(object.primary_key, true, Index::Origin::primary_key, "pkey");
  }
  for (Column const& column : object.columns) {
    if (column.unique && !list.covers_exactly({column.name})) {
      list.add({column.name}, true, Index::Origin::unique, "key");
    }
  }
  for (auto& columns : column_lists(source, "hansa.unique", file, object, diagnostics)) {
    if (!list.covers_exactly(columns)) {
      list.add(std::move(columns), true, Index::Origin::unique, "key");
    }
  }
  for (auto& columns : column_lists(source, "hansa.indexes", file, object, diagnostics)) {
    if (!list.covers_exactly(columns)) {
      list.add(std::move(columns), false, Index::Origin::declared, "idx");
    }
  }
  for (Column const& column : object.columns) {
    if (column.index_declared && !list.covers_exactly({column.name})) {
      list.add({column.name}, false, Index::Origin::declared, "idx");
    }
  }
  for (Column const& column : object.columns) {
    if (column.reference && !list.leads(column.name)) {
      list.add({column.name}, false, Index::Origin::reference, "idx");
    }
  }
  for (Column& column : object.columns) column.orderable = list.leads(column.name);
}

}  // namespace hansa::mesh
