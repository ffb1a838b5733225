#include "mesh/sql_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace hansa::mesh {

namespace {

// In lower case, with single blanks between words and none around dots.
std::string plain(std::string_view text) {
  std::string out;
  for (char const c : text) {
    bool const blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && (out.empty() || out.back() == ' ' || out.back() == '.')) continue;
    if (c == '.' && out.ends_with(' ')) out.pop_back();
    out += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + word.size())) {
    ++count;
  }
  return count;
}

bool contains(std::vector<std::string> const& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::vector<std::string_view> views(std::vector<std::string> const& names) {
  return {names.begin(), names.end()};
}

class Check {
 public:
  Check(SqlFile const& file, sql::Statement const& statement, DomainTables const& tables,
        GivenRelations const& given, Diagnostics& diagnostics)
      : file_(file),
        statement_(statement),
        tables_(tables),
        given_(given),
        diagnostics_(diagnostics),
        text_(plain(file.text)) {}

  void run() {
    for (sql::Relation const& relation : statement_.relations) {
      auto known = columns_of(relation);
      if (known) check(relation, *known);
      complete_ = complete_ && known.has_value();
      sides_.push_back(known ? *std::move(known) : Known{});
    }
    if (complete_ && only_relations()) check_uncertain();
  }

 private:
  struct Known {
    std::string what;  // "`events`", "table `product`"
    std::vector<std::string> columns;
    GivenRelation const* given = nullptr;
  };

  std::optional<Known> columns_of(sql::Relation const& relation) {
    if (relation.schema.empty()) {
      auto const given = given_.find(relation.name);
      if (given != given_.end()) {
        return Known{fmt::format("`{}`", relation.name), given->second.columns, &given->second};
      }
    }
    if (Object const* const table = tables_.stored(relation.name)) {
      return Known{fmt::format("table `{}`", relation.name), stored_columns(*table)};
    }
    no_such_table(relation);
    return std::nullopt;
  }

  void no_such_table(sql::Relation const& relation) {
    std::string hint;
    std::string_view const near = nearest(relation.name, tables_.stored_names());
    if (tables_.has_topic(relation.name)) {
      hint = fmt::format("`{}` is a topic; SQL reads and writes tables", relation.name);
    } else if (Object const* const table = tables_.named(relation.name)) {
      hint = fmt::format("it is stored as `{}`", as_identifier(table->physical_name));
    } else if (!near.empty()) {
      hint = fmt::format("did you mean `{}`?", as_identifier(near));
    } else {
      hint = fmt::format("tables here are {}", fmt::join(tables_.stored_names(), ", "));
    }
    diagnostics_.error(
        Code::missing_reference, place_of(file_, relation.offset),
        fmt::format("domain `{}` has no table `{:.80}`", tables_.domain().text(), relation.name),
        std::move(hint));
  }

  void check(sql::Relation const& relation, Known const& known) {
    for (sql::ColumnUse const& use : relation.columns) {
      if (!use.certain || contains(known.columns, use.name)) continue;
      bool const bare = !is_qualified(use.offset);
      if (!bare || !may_be_another_name(use.name)) {
        no_such_column(place_of(file_, use.offset), use.name, known);
      }
    }
    for (std::string const& name : relation.assigned) {
      if (contains(known.columns, name)) continue;
      no_such_column(place_of_word(file_, relation.offset, name), name, known);
    }
  }

  void no_such_column(SourceRange where, std::string const& name, Known const& known) {
    std::string hint;
    std::string_view const near = nearest(name, views(known.columns));
    if (known.given != nullptr && known.given->missing.contains(name)) {
      hint = known.given->missing.at(name);
    } else if (!near.empty()) {
      hint = fmt::format("did you mean `{}`?", as_identifier(near));
    } else {
      hint = fmt::format("it has {}", fmt::join(known.columns, ", "));
    }
    diagnostics_.error(Code::missing_reference, std::move(where),
                       fmt::format("{} has no column `{:.80}`", known.what, name), std::move(hint));
  }

  // Names without a qualifier where several relations are in sight.
  void check_uncertain() {
    std::vector<std::string> said;
    for (sql::Relation const& relation : statement_.relations) {
      for (sql::ColumnUse const& use : relation.columns) {
        if (use.certain || contains(said, use.name) || may_be_another_name(use.name)) continue;
        said.push_back(use.name);
        bool const is_known = std::ranges::any_of(
            sides_, [&](Known const& side) { return contains(side.columns, use.name); });
        if (is_known) continue;
        Known all{"no relation here", {}, nullptr};
        for (Known const& side : sides_) {
          all.columns.insert(all.columns.end(), side.columns.begin(), side.columns.end());
          if (side.given != nullptr && side.given->missing.contains(use.name)) {
            all.given = side.given;
          }
        }
        unknown_bare(use, all);
      }
    }
  }

  void unknown_bare(sql::ColumnUse const& use, Known const& all) {
    std::string_view const near = nearest(use.name, views(all.columns));
    std::string hint = near.empty() ? std::string{} : fmt::format("did you mean `{}`?", near);
    if (all.given != nullptr) hint = all.given->missing.at(use.name);
    diagnostics_.error(Code::missing_reference, place_of(file_, use.offset),
                       fmt::format("no relation here has a column `{:.80}`", use.name),
                       std::move(hint));
  }

  // Whether every name in sight belongs to a relation of `relations`: no subquery, no WITH, no
  // function, no VALUES in FROM. The text is asked, since a Statement does not tell; a word in a
  // comment or literal only makes it leave more to PostgreSQL.
  [[nodiscard]] bool only_relations() const {
    bool const first = statement_.kind == sql::Kind::select || statement_.kind == sql::Kind::insert;
    bool const functions =
        std::ranges::any_of(statement_.functions, [](auto const& call) { return call.in_from; });
    return statement_.ctes.empty() && !functions && count_of(text_, "values") == 0 &&
           count_of(text_, "select") <= (first ? 1U : 0U);
  }

  [[nodiscard]] bool is_qualified(std::size_t offset) const {
    bool const quoted_name = offset < file_.text.size() && file_.text[offset] == '"';
    std::size_t const end = quoted_name ? file_.text.find('"', offset + 1)
                                        : file_.text.find_first_of(" \t\r\n.,()+-*/<>=;|", offset);
    if (end == std::string_view::npos) return false;
    std::size_t const next = file_.text.find_first_not_of(" \t\r\n", quoted_name ? end + 1 : end);
    return next != std::string_view::npos && file_.text[next] == '.';
  }

  // ORDER BY and GROUP BY may name an output column, and a relation's own name is its whole row.
  // Not where the name also stands behind a dot: it may be a call then, see sql.h.
  [[nodiscard]] bool may_be_another_name(std::string const& name) const {
    bool const dotted = text_.find("." + name) != std::string::npos ||
                        text_.find(".\"" + name) != std::string::npos ||
                        text_.find("/*") != std::string::npos;
    if (dotted) return false;
    bool const is_row = std::ranges::any_of(statement_.relations, [&](auto const& relation) {
      return (relation.alias.empty() ? relation.name : relation.alias) == name;
    });
    bool const is_output =
        statement_.outputs && std::ranges::any_of(*statement_.outputs, [&](auto const& output) {
          return output.name == name && !names_itself(output);
        });
    return is_row || is_output || text_.find(" as " + name) != std::string::npos ||
           text_.find(" as \"" + name) != std::string::npos;
  }

  // Whether the output is a column under its own name, and no alias.
  [[nodiscard]] bool names_itself(sql::OutputColumn const& output) const {
    SourceRange const word = place_of(file_, output.offset);
    std::string_view text = file_.text.substr(output.offset, word.length);
    text.remove_prefix(text.rfind('.') + 1);
    if (text.starts_with('"') && text.size() > 1) text = text.substr(1, text.size() - 2);
    return text == output.name;
  }

  SqlFile const& file_;
  sql::Statement const& statement_;
  DomainTables const& tables_;
  GivenRelations const& given_;
  Diagnostics& diagnostics_;
  std::string text_;  // as plain() has it
  std::vector<Known> sides_;
  bool complete_ = true;
};

}  // namespace

DomainTables::DomainTables(Domain const& domain) : domain_(&domain) {
  for (Contract const& contract : domain.contracts) {
    for (Object const& object : contract.objects) {
      if (object.kind != ObjectKind::table) continue;
      stored_.emplace(object.physical_name, &object);
      named_.emplace(object.name.text(), &object);
    }
  }
}

Object const* DomainTables::stored(std::string_view physical_name) const {
  auto const found = stored_.find(physical_name);
  return found == stored_.end() ? nullptr : found->second;
}

Object const* DomainTables::named(std::string_view object) const {
  auto const found = named_.find(object);
  return found == named_.end() ? nullptr : found->second;
}

std::vector<std::string_view> DomainTables::stored_names() const {
  std::vector<std::string_view> names;
  for (auto const& [name, table] : stored_) names.push_back(name);
  return names;
}

std::vector<std::string_view> DomainTables::names() const {
  std::vector<std::string_view> names;
  for (auto const& [name, table] : named_) names.push_back(name);
  return names;
}

bool DomainTables::has_topic(std::string_view object) const {
  return std::ranges::any_of(domain_->contracts, [&](Contract const& contract) {
    return std::ranges::any_of(contract.objects, [&](Object const& each) {
      return each.kind == ObjectKind::topic && each.name.text() == object;
    });
  });
}

void check_names(SqlFile const& file, sql::Statement const& statement, DomainTables const& tables,
                 GivenRelations const& given, Diagnostics& diagnostics) {
  Check(file, statement, tables, given, diagnostics).run();
}

std::vector<std::string> stored_columns(Object const& table) {
  std::vector<std::string> columns;
  for (Column const& column : table.columns) columns.push_back(column.physical_name);
  return columns;
}

std::string as_identifier(std::string_view name) {
  auto const is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (std::ranges::all_of(name, is_plain)) return std::string(name);
  return fmt::format("\"{}\"", name);
}

}  // namespace hansa::mesh
