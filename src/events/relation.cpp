#include "events/relation.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "types/reader.h"

namespace hansa::events {
namespace {

// Pairs expectations off with rows so that as many as can be have a partner: each new one may move
// those before it to other rows they fit as well (Kuhn's algorithm).
class Pairing {
 public:
  Pairing(Relation const& found, std::vector<PartialRow> const& expected)
      : fits_(expected.size()), expectation_of_(found.rows.size()) {
    for (std::size_t e = 0; e < expected.size(); ++e)
      for (std::size_t row = 0; row < found.rows.size(); ++row)
        if (matches(expected[e], found.rows[row])) fits_[e].push_back(row);
    for (std::size_t e = 0; e < expected.size(); ++e) {
      seen_.assign(found.rows.size(), false);
      if (!place(e)) alone_.push_back(e);
    }
  }

  [[nodiscard]] std::vector<std::size_t> const& alone() const { return alone_; }
  [[nodiscard]] bool has_partner(std::size_t row) const { return expectation_of_[row].has_value(); }

 private:
  static bool matches(PartialRow const& expected, Row const& row) {
    return std::ranges::all_of(expected,
                               [&](auto const& cell) { return row[cell.first] == cell.second; });
  }

  bool place(std::size_t expectation) {
    for (std::size_t const row : fits_[expectation]) {
      if (seen_[row]) continue;
      seen_[row] = true;
      if (expectation_of_[row] && !place(*expectation_of_[row])) continue;
      expectation_of_[row] = expectation;
      return true;
    }
    return false;
  }

  std::vector<std::vector<std::size_t>> fits_;  // by expectation: rows
  std::vector<std::optional<std::size_t>> expectation_of_;
  std::vector<bool> seen_;
  std::vector<std::size_t> alone_;
};

void append_member(std::string& out, std::string const& name, Cell const& cell) {
  out += out.size() > 1 ? ", " : "";
  json::write_string(name, out);
  out.append(": ").append(cell.json());
}

std::string shown(Relation const& relation, Row const& row, std::set<std::size_t> const& columns) {
  std::string out = "{";
  for (auto const column : columns) append_member(out, relation.columns[column], row[column]);
  return out + "}";
}

std::string shown(Relation const& relation, PartialRow const& row) {
  std::string out = "{";
  for (auto const& [column, cell] : row) append_member(out, relation.columns[column], cell);
  return out + "}";
}

std::set<std::size_t> columns_but(Relation const& relation, std::set<std::size_t> const& ignored) {
  std::set<std::size_t> out;
  for (std::size_t column = 0; column < relation.columns.size(); ++column)
    if (!ignored.contains(column)) out.insert(column);
  return out;
}

std::vector<Row> sorted(Relation const& relation, std::set<std::size_t> const& columns) {
  std::vector<Row> out;
  for (Row const& row : relation.rows) {
    Row& kept = out.emplace_back();
    for (auto const column : columns) kept.push_back(row[column]);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

Cell::Cell(std::string json) : json_(std::move(json)) {
  auto const value = json::parse(json_);
  comparable_ = value ? types::comparable_text(*value) : json_;
}

Cell Cell::of(std::optional<std::string_view> text, types::Type const& type) {
  if (!text) return Cell();
  std::string json;
  types::write_json(*text, type, json);
  return Cell(std::move(json));
}

std::optional<Difference> compare(Relation const& found, std::vector<PartialRow> const& expected) {
  Pairing const pairing(found, expected);
  std::set<std::size_t> columns;
  for (PartialRow const& row : expected)
    for (auto const& [column, cell] : row) columns.insert(column);
  if (columns.empty()) columns = columns_but(found, {});
  Difference out{.relation = found.name, .missing = {}, .unexpected = {}};
  for (auto const at : pairing.alone()) out.missing.push_back(shown(found, expected[at]));
  for (std::size_t row = 0; row < found.rows.size(); ++row)
    if (!pairing.has_partner(row)) out.unexpected.push_back(shown(found, found.rows[row], columns));
  if (out.missing.empty() && out.unexpected.empty()) return std::nullopt;
  return out;
}

std::optional<Difference> compare(Relation const& reference, Relation const& found,
                                  std::set<std::size_t> const& ignored) {
  assert(reference.columns == found.columns);
  auto const columns = columns_but(reference, ignored);
  auto const before = sorted(reference, columns);
  auto const after = sorted(found, columns);
  if (before == after) return std::nullopt;
  std::vector<Row> gone, come;
  std::ranges::set_difference(before, after, std::back_inserter(gone));
  std::ranges::set_difference(after, before, std::back_inserter(come));
  Relation kept{.name = found.name, .columns = {}, .rows = {}};
  for (auto const column : columns) kept.columns.push_back(found.columns[column]);
  Difference out{.relation = found.name, .missing = {}, .unexpected = {}};
  for (Row const& row : gone) out.missing.push_back(shown(kept, row, columns_but(kept, {})));
  for (Row const& row : come) out.unexpected.push_back(shown(kept, row, columns_but(kept, {})));
  return out;
}

std::set<std::size_t> unsteady_columns(Relation const& a, Relation const& b) {
  std::set<std::size_t> out;
  for (std::size_t column = 0; column < a.columns.size(); ++column)
    if (sorted(a, {column}) != sorted(b, {column})) out.insert(column);
  return out;
}

}  // namespace hansa::events
