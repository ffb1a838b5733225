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

// A row as it is compared, and its place.
using Placed = std::pair<Row, std::size_t>;

std::vector<Placed> sorted(Relation const& relation, std::set<std::size_t> const& columns) {
  std::vector<Placed> out;
  for (Row const& row : relation.rows) {
    auto& [kept, at] = out.emplace_back(Row{}, out.size());
    for (auto const column : columns) kept.push_back(row[column]);
  }
  std::ranges::sort(out);
  return out;
}

// Rows of `relation` that `other` lacks, whole: what is not compared may still tell which they are.
std::vector<std::string> rows_beyond(Relation const& relation, std::vector<Placed> const& rows,
                                     std::vector<Placed> const& other) {
  std::vector<Placed> beyond;
  std::ranges::set_difference(rows, other, std::back_inserter(beyond), {}, &Placed::first,
                              &Placed::first);
  std::vector<std::string> out;
  for (auto const& [kept, at] : beyond)
    out.push_back(shown(relation, relation.rows[at], columns_but(relation, {})));
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
  Difference out{.relation = found.name,
                 .missing = rows_beyond(reference, before, after),
                 .unexpected = rows_beyond(found, after, before)};
  if (out.missing.empty() && out.unexpected.empty()) return std::nullopt;
  return out;
}

std::set<std::size_t> unsteady_columns(Relation const& a, Relation const& b) {
  std::set<std::size_t> out;
  for (std::size_t column = 0; column < a.columns.size(); ++column)
    if (compare(a, b, columns_but(a, {column}))) out.insert(column);
  return out;
}

}  // namespace hansa::events
