#include "mesh/reactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mesh/first_line.h"

namespace hansa::mesh {

namespace {

enum class Part : std::uint8_t { reaction, rejection };

class Reader {
 public:
  Reader(SqlFile const& file, ReactionContext const& context, Part part)
      : file_(file), context_(context), part_(part) {}

  // Adds what the statement reads and writes to `read`; the statement's text, or nullopt.
  std::optional<std::string> statement(ReadReaction& read) {
    auto const statement = read_statement(file_, rules(read.reaction), context_.diagnostics);
    if (!statement) return std::nullopt;
    GivenRelations const given = {{"events", events()}};
    check_names(file_, *statement, context_.tables, given, context_.diagnostics);
    collect_needs(*statement, read.reaction);
    collect_writings(*statement, read);
    warn_of_batches(*statement, read.reaction);
    return statement_text(file_, *statement);
  }

 private:
  [[nodiscard]] sql::Rules rules(Reaction const& reaction) const {
    using enum sql::Kind;
    std::string const schema = store_schema(context_.tables.domain());
    bool const projection = reaction.kind == Reaction::Kind::projection;
    return {.kinds = {insert, update, remove, merge},
            .read_schemas = {schema},
            .write_schemas = {schema},
            .frame = {"events"},
            .default_schema = schema,
            .clock_and_random = projection ? sql::Volatility::refused : sql::Volatility::allowed,
            .modifying_ctes = true,
            .batches = reaction.batch > 1 && part_ == Part::reaction};
  }

  [[nodiscard]] GivenRelation events() const {
    GivenRelation relation;
    for (ColumnName const& field : context_.topic.fields) {
      if (is_stated(field)) {
        relation.columns.push_back(field.text());
      } else {
        relation.missing.emplace(field.text(), "state it in the on/<port>.odcs.yaml beside this");
      }
    }
    relation.columns.insert(relation.columns.end(), event_columns.begin(), event_columns.end());
    for (std::string_view const column : rejected_columns) {
      if (part_ == Part::rejection) {
        relation.columns.emplace_back(column);
      } else {
        relation.missing.emplace(column, "only on/<port>.rejected.sql is told why an event failed");
      }
    }
    for (ColumnName const& column : context_.topic.left_out) {
      relation.missing.emplace(column.text(), "it is classified, and left out of events");
    }
    return relation;
  }

  [[nodiscard]] bool is_stated(ColumnName const& field) const {
    return !context_.stated || std::ranges::find(*context_.stated, field) != context_.stated->end();
  }

  void collect_needs(sql::Statement const& statement, Reaction& reaction) const {
    sql::ColumnsRead const read = sql::columns_read(statement, "events");
    auto const reads = [&](ColumnName const& field) {
      std::string const& name = field.text();
      return read.all || std::ranges::binary_search(read.certain, name) ||
             std::ranges::binary_search(read.possible, name) ||
             std::ranges::find(reaction.needs, field) != reaction.needs.end();
    };
    std::vector<ColumnName> needs;
    for (ColumnName const& field : context_.topic.fields) {
      bool const stated = context_.stated && is_stated(field);
      if (stated || (is_stated(field) && reads(field))) needs.push_back(field);
    }
    for (std::string_view const own : event_columns) {
      ColumnName name{std::string(own)};
      if (reads(name)) needs.push_back(std::move(name));
    }
    reaction.needs = std::move(needs);
  }

  void collect_writings(sql::Statement const& statement, ReadReaction& read) const {
    std::size_t last = 0;
    for (sql::Relation const& relation : statement.relations) {
      if (relation.access == sql::Access::written) last = std::max(last, relation.offset);
    }
    for (sql::Relation const& relation : statement.relations) {
      if (relation.access != sql::Access::written) continue;
      Object const* const table = context_.tables.stored(relation.name);
      if (table == nullptr) continue;
      bool const of_statement = relation.offset == last;
      read.writings.insert(writing(
          table->name, of_statement ? statement.kind : cte_kind(statement, relation.offset)));
      std::vector<ObjectName>& writes = read.reaction.writes;
      if (std::ranges::find(writes, table->name) == writes.end()) writes.push_back(table->name);
    }
    std::ranges::sort(read.reaction.writes);
  }

  // The kind of the WITH query around a byte. WITH stands first, so the last table that is written
  // is that of the statement itself.
  static sql::Kind cte_kind(sql::Statement const& statement, std::size_t offset) {
    sql::Kind kind = statement.kind;
    std::size_t nearest_offset = 0;
    for (sql::Cte const& cte : statement.ctes) {
      if (cte.kind == sql::Kind::select || cte.offset > offset) continue;
      if (cte.offset < nearest_offset) continue;
      nearest_offset = cte.offset;
      kind = cte.kind;
    }
    return kind;
  }

  // Whether an INSERT also updates is not told; ON CONFLICT anywhere in the text says it may.
  [[nodiscard]] Writing writing(ObjectName const& table, sql::Kind kind) const {
    bool const conflicts = file_.text.find("onflict") != std::string_view::npos ||
                           file_.text.find("ONFLICT") != std::string_view::npos;
    bool const merge = kind == sql::Kind::merge;
    return {
        .table = table,
        .inserts = merge || kind == sql::Kind::insert,
        .updates = merge || kind == sql::Kind::update || (kind == sql::Kind::insert && conflicts),
        .removes = merge || kind == sql::Kind::remove};
  }

  void warn_of_batches(sql::Statement const& statement, Reaction const& reaction) const {
    if (reaction.batch == 0 || part_ == Part::rejection) return;
    bool const reads_events = std::ranges::any_of(statement.relations, [](auto const& relation) {
      return relation.schema.empty() && relation.name == "events";
    });
    if (reads_events) return;
    context_.diagnostics.warning(
        Code::batch_hazard, place_of(file_, statement.offset),
        "the reaction does not read `events`: it does the same for one event and for a batch",
        "write `-- each`, or read from `events`");
  }

  SqlFile const& file_;
  ReactionContext const& context_;
  Part part_;
};

}  // namespace

std::optional<ReadReaction> read_reaction(SqlFile const& file, ReactionContext const& context) {
  auto const line = read_reaction_line(file, context.diagnostics);
  if (!line) return std::nullopt;
  ReadReaction read;
  read.reaction.kind = line->kind;
  read.reaction.batch = line->batch;
  read.reaction.file = file.name;
  auto text = Reader(file, context, Part::reaction).statement(read);
  if (!text) return std::nullopt;
  read.reaction.sql = *std::move(text);
  return read;
}

void read_rejection(SqlFile const& file, ReactionContext const& context, ReadReaction& read) {
  auto text = Reader(file, context, Part::rejection).statement(read);
  if (!text) return;
  read.reaction.rejected_sql = *std::move(text);
  read.reaction.rejected_file = file.name;
}

}  // namespace hansa::mesh
