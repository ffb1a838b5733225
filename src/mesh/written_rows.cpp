#include "mesh/written_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "mesh/json_value.h"

namespace hansa::mesh {

namespace {

types::Type const text_type{.kind = types::Kind::text};
types::Type const offset_type{.kind = types::Kind::int64};

std::string quoting_hint(spec::Node const& node, types::Type const& type) {
  bool const bare = node.is_scalar() && spec::scalar_kind(node) != spec::ScalarKind::text;
  return bare && type.kind == types::Kind::text ? fmt::format("quote it: '{:.60}'", node.text)
                                                : std::string{};
}

}  // namespace

Column const* RowForm::find(std::string_view name) const {
  bool const shown =
      fields == nullptr || std::ranges::find(*fields, name, &ColumnName::text) != fields->end();
  return shown ? object->find(name) : nullptr;
}

bool RowForm::is_own(std::string_view name) const {
  return std::ranges::find(own, name) != own.end();
}

std::vector<std::string_view> RowForm::names() const {
  std::vector<std::string_view> out;
  for (Column const& column : object->columns)
    if (find(column.name.text()) != nullptr) out.push_back(column.name.text());
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

std::vector<TestValue> RowReader::values(spec::Node const& row, RowForm const& form) {
  std::vector<TestValue> out;
  types::Rules const none;
  for (spec::Member const& member : row.members) {
    auto const* const column = form.find(member.key);
    if (column == nullptr && !form.is_own(member.key)) {
      unknown(at(member.place),
              fmt::format("{} has no {} `{:.80}`", form.thing, form.part, member.key), member.key,
              form.names());
      continue;
    }
    auto const& own_type = member.key == "_offset" ? offset_type : text_type;
    auto const& type = column != nullptr ? column->type : own_type;
    auto text = types::from_json(to_json(member.value), type,
                                 column != nullptr && form.rules ? column->rules : none);
    if (text)
      out.push_back({member.key, std::move(*text)});
    else
      error(at(member.value.place),
            fmt::format("`{}` does not fit: {}", member.key, text.error().detail),
            quoting_hint(member.value, type));
  }
  return out;
}

void RowReader::error(SourceRange where, std::string message, std::string hint) {
  diagnostics_.error(Code::invalid_test, std::move(where), std::move(message), std::move(hint));
}

void RowReader::unknown(SourceRange where, std::string message, std::string_view word,
                        std::vector<std::string_view> const& words) {
  auto const near = nearest(word, words);
  auto const all =
      words.empty() ? "there is none" : fmt::format("there are: {}", fmt::join(words, ", "));
  error(std::move(where), std::move(message),
        near.empty() ? all : fmt::format("did you mean `{}`?", near));
}

TestValue const* find(std::vector<TestValue> const& values, std::string_view name) {
  auto const found = std::ranges::find(values, name, &TestValue::name);
  return found == values.end() ? nullptr : &*found;
}

}  // namespace hansa::mesh
