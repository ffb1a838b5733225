#include "mesh/expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "mesh/columns.h"

namespace hansa::mesh {

namespace {

class Check {
 public:
  Check(ContractSource const& source, Topic const& topic, Object const& object,
        std::map<std::string, std::string> const& classifications, Diagnostics& diagnostics)
      : spec_(*source.contract),
        topic_(topic),
        object_(object),
        context_{source.file, classifications, ObjectKind::topic, diagnostics} {}

  std::optional<std::vector<ColumnName>> run() {
    if (spec_.objects.size() != 1) {
      error(Code::mismatch, {spec_.file},
            fmt::format("the contract has {} objects, and the port reads one topic",
                        spec_.objects.size()),
            fmt::format("it needs one, `{}`", topic_.object.text()));
      return std::nullopt;
    }
    spec::SchemaObject const& wanted = spec_.objects.front();
    if (wanted.name.value != topic_.object.text()) {
      error(Code::mismatch, wanted.name.where,
            fmt::format("the port reads `{}` of contract `{}`", topic_.object.text(),
                        topic_.contract.text()),
            fmt::format("write `name: {}`", topic_.object.text()));
    }
    std::vector<ColumnName> needs;
    for (spec::Property const& property : wanted.properties) {
      if (check(property)) needs.emplace_back(property.name.value);
    }
    return needs;
  }

 private:
  void error(Code code, SourceRange where, std::string message, std::string hint) {
    context_.diagnostics.error(code, std::move(where), std::move(message), std::move(hint));
  }

  bool check(spec::Property const& property) {
    std::string const& name = property.name.value;
    if (std::ranges::find(topic_.fields, ColumnName(name)) == topic_.fields.end()) {
      no_such_field(property);
      return false;
    }
    auto const [column, typed] = resolve_column(property, context_);
    Column const* const found = object_.find(name);
    if (found == nullptr) return true;  // of a second object of this name, which is reported
    Column const& offered = *found;
    if (typed && column.type != offered.type) {
      error(
          Code::mismatch, property.name.where,
          fmt::format("`{}` is {} here and {} in contract `{}`", name, types::to_text(column.type),
                      types::to_text(offered.type), topic_.contract.text()),
          fmt::format("the events have {}", types::to_text(offered.type)));
    }
    if (column.required && !offered.required) {
      error(Code::mismatch, property.name.where,
            fmt::format("`{}` is required here and may be empty in contract `{}`", name,
                        topic_.contract.text()),
            "leave `required` out and let the reaction do without a value");
    }
    return true;
  }

  void no_such_field(spec::Property const& property) {
    ColumnName const name(property.name.value);
    bool const left_out = std::ranges::find(topic_.left_out, name) != topic_.left_out.end();
    std::vector<std::string_view> fields;
    for (ColumnName const& field : topic_.fields) fields.push_back(field.text());
    std::string_view const near = nearest(name.text(), fields);
    error(Code::missing_reference, property.name.where,
          fmt::format("topic `{}` has no `{:.80}`", topic_.name, name.text()),
          left_out       ? std::string("it is classified, and left out of events")
          : near.empty() ? fmt::format("it has {}", fmt::join(fields, ", "))
                         : fmt::format("did you mean `{}`?", near));
  }

  spec::Contract const& spec_;
  Topic const& topic_;
  Object const& object_;
  ColumnContext context_;
};

}  // namespace

std::optional<std::vector<ColumnName>> check_expectation(
    ContractSource const& expectation, Topic const& topic, Object const& object,
    std::map<std::string, std::string> const& classifications, Diagnostics& diagnostics) {
  if (!expectation.contract) return std::nullopt;
  return Check(expectation, topic, object, classifications, diagnostics).run();
}

}  // namespace hansa::mesh
