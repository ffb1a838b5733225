// What a reaction left behind, as relations: tables, events, dead letters; and how two of them
// differ, or one from what was expected. Order and what stands twice are told apart as SQL does: a
// relation is a bag of rows. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "types/type.h"

namespace hansa::events {

// A value as JSON. Equal values compare equal however they are written: 10 and 10.00.
class Cell {
 public:
  Cell() : Cell("null") {}
  explicit Cell(std::string json);
  // Of PostgreSQL's text output; nullopt is null.
  [[nodiscard]] static Cell of(std::optional<std::string_view> text, types::Type const& type);

  [[nodiscard]] std::string const& json() const { return json_; }
  bool operator==(Cell const& other) const { return comparable_ == other.comparable_; }
  auto operator<=>(Cell const& other) const { return comparable_ <=> other.comparable_; }

 private:
  std::string json_, comparable_;
};

using Row = std::vector<Cell>;

struct Relation {
  std::string name;  // "table product", "events stock_rejection", "dead letters"
  std::vector<std::string> columns = {};
  std::vector<Row> rows = {};  // each as long as `columns`
  // Columns whose values say nothing, such as numbers an identity gives.
  std::set<std::size_t> incidental = {};
};

// A row as far as it is written: places in `columns` of a relation, ascending, and values.
using PartialRow = std::vector<std::pair<std::size_t, Cell>>;

struct Difference {
  std::string relation;
  std::vector<std::string> missing;     // rows as JSON objects
  std::vector<std::string> unexpected;  // likewise
};

// Nothing when rows and expectations can be paired off so that each row has the values written in
// its partner. Rows are shown with `shown` columns: those any expectation names.
[[nodiscard]] std::optional<Difference> compare(Relation const& found,
                                                std::vector<PartialRow> const& expected);

// How `found` differs from `reference` but in columns of `ignored`; both of one form. Rows are
// shown whole.
[[nodiscard]] std::optional<Difference> compare(Relation const& reference, Relation const& found,
                                                std::set<std::size_t> const& ignored);

// Columns whose values differ between two relations of one form. Where both were made the same way,
// they tell the time, or were made by chance.
[[nodiscard]] std::set<std::size_t> unsteady_columns(Relation const& a, Relation const& b);

}  // namespace hansa::events
