#include "mesh/emissions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "mesh/first_line.h"

namespace hansa::mesh {

namespace {

// Text of a table as an emission names it: of the own domain, with or without the domain's name.
struct TableName {
  std::string domain;  // empty if not written
  std::string object;
};

TableName split(std::string const& text) {
  std::size_t const dot = text.find('.');
  if (dot == std::string::npos) return {{}, text};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

// The other domain that has a table of this name; empty if there is none.
std::string other_owner(Mesh const& mesh, std::string const& own, std::string const& object) {
  for (Domain const& domain : mesh.domains) {
    if (domain.name.text() == own) continue;
    if (DomainTables(domain).named(object) != nullptr) return domain.name.text();
  }
  return {};
}

// The table of the own domain that `name` says; nullptr after adding why there is none.
Object const* find_table(Located<std::string> const& name, EmissionContext const& context) {
  std::string const& own = context.tables.domain().text();
  TableName const wanted = split(name.value);
  bool const own_domain = wanted.domain.empty() || wanted.domain == own;
  Object const* const table = own_domain ? context.tables.named(wanted.object) : nullptr;
  if (table != nullptr && table->managed) return table;
  if (table != nullptr) {
    context.diagnostics.error(
        Code::invalid_emission, name.where,
        fmt::format("table `{}` is not managed by Hansa, so its changes are not seen",
                    wanted.object),
        "leave hansa.managed out, or let its owner write the topic as a client");
    return nullptr;
  }
  std::string const owner =
      own_domain ? other_owner(context.mesh, own, wanted.object) : wanted.domain;
  std::string_view const near = nearest(wanted.object, context.tables.names());
  std::string hint = fmt::format("tables here are {}", fmt::join(context.tables.names(), ", "));
  if (!owner.empty()) {
    hint = fmt::format("domain `{}` has one, but an emission reads its own domain", owner);
    if (!own_domain && context.mesh.find_domain(owner) == nullptr) {
      hint = "an emission reads a table of its own domain";
    }
  } else if (!near.empty()) {
    hint = fmt::format("did you mean `{}`?", near);
  }
  context.diagnostics.error(Code::invalid_emission, name.where,
                            fmt::format("domain `{}` has no table `{:.80}`", own, name.value),
                            std::move(hint));
  return nullptr;
}

class Reader {
 public:
  Reader(SqlFile const& file, Topic const& topic, EmissionContext const& context)
      : file_(file), topic_(topic), context_(context) {}

  std::optional<Emission> read() {
    auto const line = read_emission_line(file_, context_.diagnostics);
    if (!line) return std::nullopt;
    table_ = find_table(line->table, context_);
    if (table_ == nullptr) return std::nullopt;
    std::string const schema = store_schema(topic_.domain);
    sql::Rules const rules{.kinds = {sql::Kind::select},
                           .read_schemas = {schema},
                           .frame = {"inserted", "deleted"},
                           .default_schema = schema,
                           .clock_and_random = sql::Volatility::allowed};
    auto const statement = read_statement(file_, rules, context_.diagnostics);
    if (!statement) return std::nullopt;
    check_given(*statement, *line);
    GivenRelation const rows{stored_columns(*table_), {}};
    check_names(file_, *statement, context_.tables, {{"inserted", rows}, {"deleted", rows}},
                context_.diagnostics);
    check_outputs(*statement);
    return Emission{table_->name,
                    line->on_insert,
                    line->on_update,
                    line->on_delete,
                    statement_text(file_, *statement),
                    file_.name};
  }

 private:
  void error(std::size_t offset, std::string message, std::string hint) {
    context_.diagnostics.error(Code::invalid_emission, place_of(file_, offset), std::move(message),
                               std::move(hint));
  }

  // One text serves every event of the first line, so each must give what the text reads.
  void check_given(sql::Statement const& statement, EmissionLine const& line) {
    bool reads_rows = false;
    for (sql::Relation const& relation : statement.relations) {
      bool const inserted = relation.schema.empty() && relation.name == "inserted";
      bool const deleted = relation.schema.empty() && relation.name == "deleted";
      reads_rows = reads_rows || inserted || deleted;
      if (inserted && line.on_delete) {
        error(relation.offset, "`inserted` is not given on delete, which has no new rows",
              "leave `delete` out of the first line, or read `deleted` alone");
      }
      if (deleted && line.on_insert) {
        error(relation.offset, "`deleted` is not given on insert, which has no old rows",
              "leave `insert` out of the first line, or read `inserted` alone");
      }
    }
    if (!reads_rows) {
      error(statement.offset, "the emission reads neither `inserted` nor `deleted`",
            "select the changed rows from one of them");
    }
  }

  void check_outputs(sql::Statement const& statement) {
    if (!statement.outputs) {
      error(statement.offset, "`*` leaves open which columns an event has",
            fmt::format("name them: {}", listed(names_of(topic_.fields))));
      return;
    }
    std::set<std::string> missing = names_of(topic_.fields);
    std::set<std::string> seen;
    for (sql::OutputColumn const& output : *statement.outputs) {
      if (!output.name.empty() && !seen.insert(output.name).second) {
        error(output.offset, fmt::format("a second column `{:.80}`", output.name), {});
      }
      missing.erase(output.name);
    }
    for (sql::OutputColumn const& output : *statement.outputs) check_output(output, missing);
    if (!missing.empty()) {
      error(statement.offset, fmt::format("topic `{}` also has {}", topic_.name, listed(missing)),
            fmt::format("add {} to the SELECT, `null as ...` where there is nothing to say",
                        listed(missing)));
    }
  }

  // `missing` are the columns nothing has been said of; one that this may have meant is taken out.
  void check_output(sql::OutputColumn const& output, std::set<std::string>& missing) {
    if (names_of(topic_.fields).contains(output.name)) return;
    if (names_of(topic_.left_out).contains(output.name)) {
      error(output.offset, fmt::format("`{}` is classified and left out of events", output.name),
            "leave it out here too, or write hansa.inEvents: plain on it");
      return;
    }
    std::vector<std::string_view> const open(missing.begin(), missing.end());
    std::string const near(nearest(output.name, open));
    std::string const meant = !near.empty()      ? near
                              : open.size() == 1 ? std::string(open.front())
                                                 : std::string{};
    missing.erase(meant);
    if (output.name.empty()) {
      error(output.offset, "the column has no name",
            fmt::format("write `as {}` behind it", meant.empty() ? "<column>" : meant));
    } else {
      error(output.offset,
            fmt::format("topic `{}` has no column `{:.80}`", topic_.name, output.name),
            !near.empty()    ? fmt::format("did you mean `{}`?", near)
            : !meant.empty() ? fmt::format("write `as {}` behind it, or leave it out", meant)
                             : fmt::format("it has {}", listed(names_of(topic_.fields))));
    }
  }

  static std::set<std::string> names_of(std::vector<ColumnName> const& columns) {
    std::set<std::string> names;
    for (ColumnName const& column : columns) names.insert(column.text());
    return names;
  }

  static std::string listed(std::set<std::string> const& names) {
    return fmt::format("{}", fmt::join(names, ", "));
  }

  SqlFile const& file_;
  Topic const& topic_;
  EmissionContext const& context_;
  Object const* table_ = nullptr;
};

// Makes the SELECT of an emission without a file.
class Copier {
 public:
  Copier(spec::SchemaObject const& source, Object const& object, Topic const& topic,
         EmissionContext const& context)
      : source_(source), object_(object), topic_(topic), context_(context) {}

  std::optional<Emission> make() {
    for (std::size_t i = 0; i < source_.properties.size(); ++i) {
      Column const& column = object_.columns[i];
      if (std::ranges::find(topic_.fields, column.name) == topic_.fields.end()) continue;
      if (!copy(source_.properties[i], column)) return std::nullopt;
    }
    if (table_ == nullptr) return std::nullopt;
    return Emission{table_->name, true, false, false, sql_ + "\nfrom inserted", {}};
  }

 private:
  bool error(SourceRange where, std::string message, std::string hint) {
    context_.diagnostics.error(Code::invalid_emission, std::move(where), std::move(message),
                               std::move(hint));
    return false;
  }

  bool copy(spec::Property const& property, Column const& column) {
    std::string const instead = fmt::format("write emit/{}.v{}.sql for what is no plain copy",
                                            object_.name.text(), number(topic_.major));
    if (property.transform_sources.size() != 1) {
      return error(
          property.name.where,
          fmt::format("`{}` names {}, and its neighbours are copied", column.name.text(),
                      property.transform_sources.empty() ? "no source" : "several sources"),
          "one source each: transformSourceObjects: [<table>.<column>], or " + instead);
    }
    if (spec::written(property.transform_logic)) {
      return error(property.transform_logic.where, "what is transformed is no plain copy", instead);
    }
    spec::Text const& text = property.transform_sources.front();
    std::size_t const dot = text.value.rfind('.');
    if (dot == std::string::npos) {
      return error(text.where, fmt::format("`{:.80}` names no column", text.value),
                   "a source is <table>.<column>, or " + instead);
    }
    Object const* const table = find_table({text.value.substr(0, dot), text.where}, context_);
    if (table == nullptr) return false;
    if (table_ != nullptr && table_ != table) {
      return error(text.where,
                   fmt::format("a second table: the other columns are copied from `{}`",
                               table_->name.text()),
                   instead);
    }
    table_ = table;
    return copy_column(text, text.value.substr(dot + 1), column);
  }

  bool copy_column(spec::Text const& text, std::string const& name, Column const& column) {
    Column const* const from = table_->find(name);
    if (from == nullptr) {
      std::vector<std::string_view> names;
      for (Column const& each : table_->columns) names.push_back(each.name.text());
      std::string_view const near = nearest(name, names);
      context_.diagnostics.error(
          Code::missing_reference, text.where,
          fmt::format("table `{}` has no column `{:.80}`", table_->name.text(), name),
          near.empty() ? std::string{} : fmt::format("did you mean `{}`?", near));
      return false;
    }
    if (from->type != column.type) {
      return error(
          text.where,
          fmt::format("`{}` is {}, and `{}` here is {}", text.value, types::to_text(from->type),
                      column.name.text(), types::to_text(column.type)),
          "give both the same type, or write an emission that casts");
    }
    if (column.required && !from->required) {
      return error(text.where,
                   fmt::format("`{}` is required here and may be empty in table `{}`",
                               column.name.text(), table_->name.text()),
                   "require both or neither");
    }
    sql_ += fmt::format("{} \"{}\" as \"{}\"", sql_.empty() ? "select" : ",", from->physical_name,
                        column.name.text());
    return true;
  }

  spec::SchemaObject const& source_;
  Object const& object_;
  Topic const& topic_;
  EmissionContext const& context_;
  Object const* table_ = nullptr;
  std::string sql_;
};

}  // namespace

std::optional<Emission> read_emission(SqlFile const& file, Topic const& topic,
                                      EmissionContext const& context) {
  return Reader(file, topic, context).read();
}

bool has_sources(spec::SchemaObject const& object) {
  return std::ranges::any_of(object.properties, [](spec::Property const& property) {
    return !property.transform_sources.empty();
  });
}

std::optional<Emission> make_emission(spec::SchemaObject const& source, Object const& object,
                                      Topic const& topic, EmissionContext const& context) {
  return Copier(source, object, topic, context).make();
}

}  // namespace hansa::mesh
