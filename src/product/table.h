// A served table made ready for requests: names quoted, casts chosen, JSON fragments and the
// commonest statements written once, so that a request only looks them up. Immutable after
// construction; pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesh/mesh.h"

namespace hansa::product {

struct Field {
  mesh::Column const* column;
  std::string view_name;   // quoted, as the view calls it
  std::string store_name;  // quoted, as the private table calls it
  std::string cast;  // the type without length or precision, so that a bound value is never rounded
  std::string json_name;  // `"price":`
  // The topic whose projection fills the table the column has a foreign key to; else nullptr.
  mesh::Topic const* announced_in = nullptr;
};

// Positions in Table::fields.
using FieldList = std::vector<std::size_t>;

struct Table {
  // Requires a primary key (mesh.h promises one for every table). `served` outlives this.
  explicit Table(mesh::Served const& served);
  // The same, with what `mesh` says of its events. Of `mesh`, which outlives this.
  Table(mesh::Mesh const& mesh, mesh::Served const& served);

  [[nodiscard]] std::string const& name() const { return served.object->name.text(); }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const;
  [[nodiscard]] Field const& operator[](std::size_t field) const { return fields[field]; }
  // The name a user most likely meant, as "did you mean `price`?"; empty if none is near.
  [[nodiscard]] std::string suggestion(std::string_view column) const;
  // "`id`, `name`, `price`".
  [[nodiscard]] std::string column_names() const;
  [[nodiscard]] std::string orderable_names() const;

  mesh::Served served;
  std::string identity;  // "products/v1/product": distinguishes tables in cursors
  std::string view;      // quoted, with its schema
  std::string store;     // quoted, with its schema
  std::vector<Field> fields;
  FieldList all;        // every field, in the contract's order
  FieldList key;        // the primary key, in key order
  std::string key_sql;  // `"id" = $1::integer` over the view
  std::string get_sql;  // one row by its key, every column
  // Many rows by arrays of keys, a parameter for each part of the key: every column, and the place
  // of the row's key in the arrays, counted from 1.
  std::string get_many_sql;
  std::string returning;  // `"physical" as "name", ...`: a stored row as the contract shows it
  std::vector<mesh::Topic const*> topics;  // that its changes feed
};

// `"id", "name"`: the columns of the view.
[[nodiscard]] std::string view_columns(Table const& table, FieldList const& fields);

}  // namespace hansa::product
