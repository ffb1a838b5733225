// SQL that contracts carry (emissions, reactions, quality rules, derived views): one statement,
// read by PostgreSQL 15's own parser and judged against an allow-list before it may run anywhere.
//
// Values only: no I/O, no clock; any thread may call. Nothing throws but std::bad_alloc. Expected
// noes are Violations with the byte where they stand. Fails closed: syntax that this room does not
// know is a Violation (`unknown-syntax`), never ignored.
//
// What the caller must add, since a parser cannot see it: sessions that run the text are logged in
// as the domain's own role, use UTF-8, `standard_conforming_strings = on`, a fixed search_path that
// names pg_temp last, and timeouts; and the columns named through an alias are those of the
// contract (PostgreSQL reads `alias.f` as the function f of the row where no such column is).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::sql {

// Bounds of one text. They keep libpg_query's recursion under 2 MiB of stack: it has no guard.
inline constexpr std::size_t text_bytes_max = 64U << 10U;
inline constexpr std::size_t tokens_max = 10'000;
inline constexpr std::size_t parentheses_depth_max = 100;
inline constexpr std::size_t tree_depth_max = 400;  // levels of the parse tree as JSON
inline constexpr std::size_t relations_max = 100;   // mentions of relations

// Why a text may not run.
struct Violation {
  std::string_view word;   // stable and static: "function-not-allowed"
  std::string message;     // one sentence without a full stop, in the user's terms
  std::string hint;        // what to do; may be empty
  std::size_t offset = 0;  // in bytes from the start of the text

  bool operator==(Violation const&) const = default;
};

enum class Kind : std::uint8_t { select, insert, update, remove, merge, other };

// Text of an argument that is written as a literal ("10", "abc"); none where it is computed.
using Literal = std::optional<std::string>;

struct ColumnUse {
  std::string name;
  std::size_t offset = 0;
  // False for an unqualified name where several relations are in sight: it may be another's.
  bool certain = false;
};

enum class Access : std::uint8_t { read, written };

// A relation outside the statement: a table, a view, or one that the frame gives. Never a CTE.
struct Relation {
  std::string catalog;  // empty if not written
  std::string schema;   // empty if not written
  std::string name;
  std::string alias;  // empty if it has none
  Access access = Access::read;
  std::size_t offset = 0;
  std::vector<ColumnUse> columns;  // that the statement reads
  bool all_columns = false;        // `*`, a whole row or renamed columns: any column may be read
  std::vector<std::string> assigned = {};  // of a written one: INSERT's list, SET's targets
};

struct Cte {
  std::string name;
  Kind kind = Kind::select;
  std::size_t offset = 0;
};

struct Function {
  std::string schema;  // empty if not written; "pg_catalog" too where syntax stands for a function
  std::string name;
  std::vector<Literal> arguments = {};
  bool in_from = false;
  std::size_t offset = 0;
};

struct Operator {
  std::string schema;
  std::string name;
  std::size_t offset = 0;
};

// A type that is cast to, or that a column list of a function in FROM names.
struct TypeName {
  std::string schema;  // empty if not written; "pg_catalog" for `integer` and its like
  std::string name;    // as in pg_type: "int4"
  std::vector<Literal> modifiers = {};
  bool plain = true;  // no SETOF, no %TYPE
  std::size_t offset = 0;
};

// Syntax that a judge has to know of.
struct Feature {
  enum class Kind : std::uint8_t {
    parameter,          // $1
    row_lock,           // FOR UPDATE
    select_into,        // SELECT INTO
    recursive,          // WITH RECURSIVE
    field_selection,    // (expression).name: PostgreSQL also reads it as a call name(expression)
    unknown_qualifier,  // `x.column` where no relation in sight is called x
    sampling,           // TABLESAMPLE
    xml,                // XMLTABLE, XMLELEMENT and their like
    cursor,             // WHERE CURRENT OF
    modifying_cte,      // WITH x AS (UPDATE ...)
    unknown,            // a node of the parse tree that is not in our tables
  };
  Kind kind = Kind::unknown;
  std::string text;  // what it is called, where the kind alone does not say
  std::size_t offset = 0;
};

struct OutputColumn {
  std::string name;  // alias or column name; empty: none, the user has to write an alias
  std::size_t offset = 0;
};

// `target` may be hit twice by rows of `source` in this one statement: UPDATE ... FROM applies only
// one of them in silence, ON CONFLICT DO UPDATE and MERGE fail, DELETE ... USING does no harm.
// Rows that went through GROUP BY, an aggregate, DISTINCT ON or a DISTINCT of one column count as
// made unique; whether by the key of the target is not compared.
struct RepeatedHit {
  Kind kind = Kind::update;
  std::string target;
  std::size_t relation = 0;  // of the source, in Statement::relations
  std::size_t offset = 0;    // of the target
};

struct Statement {
  Kind kind = Kind::other;
  std::string verb;        // the first word in capitals: "SELECT", "WITH", "CREATE"
  std::size_t offset = 0;  // of the first word
  std::size_t end = 0;     // behind the last word: before a semicolon and comments that follow
  std::vector<Relation> relations;
  std::vector<Cte> ctes;
  std::vector<Function> functions;
  std::vector<Operator> operators;
  std::vector<TypeName> types;
  std::vector<Feature> features;
  std::vector<RepeatedHit> repeated_hits;
  // Of a SELECT, in order; none where a `*` leaves them open, and for other kinds.
  std::optional<std::vector<OutputColumn>> outputs;
};

// Exactly one statement; comments and a trailing semicolon are fine. The words of its Violations:
// empty-text, too-large, too-deep, nul-byte, not-utf8, syntax-error, two-statements.
// A statement of another kind parses, with `kind` other and nothing else looked at.
[[nodiscard]] std::expected<Statement, Violation> parse(std::string_view text);

enum class Volatility : std::uint8_t { refused, allowed };

// What one place of the mesh lets a statement do.
struct Rules {
  std::vector<Kind> kinds;                 // also of data-modifying CTEs
  std::vector<std::string> read_schemas;   // whose relations may be read
  std::vector<std::string> write_schemas;  // whose relations may be written
  std::vector<std::string> frame;  // relations the frame gives (`events`); read-only, unqualified
  std::string default_schema;      // of other unqualified names; empty: they must be qualified
  // Functions of the clock and of chance: allowed to effects, refused to what must give the same
  // rows when it runs again.
  Volatility clock_and_random = Volatility::refused;
  bool modifying_ctes = false;  // data-modifying CTEs
  bool recursion = false;       // WITH RECURSIVE: unbounded but for the statement timeout
  // The frame's relations may hold several events of one key: a repeated hit from them is refused.
  bool batches = false;
};

// Everything that `rules` forbid, ordered by offset; empty: it may run. Functions, operators and
// types are those of the built-in allow-list (allowed.h) and no others. Words: statement-kind,
// unqualified-relation, other-database, system-relation, schema-not-readable, schema-not-writable,
// frame-not-writable, frame-shadowed, function-not-allowed, function-schema, clock-or-random,
// unbounded-result, operator-not-allowed, type-not-allowed, repeated-hit, and one for each Feature:
// parameter, row-lock, select-into, recursive, field-selection, unknown-qualifier, sampling, xml,
// cursor, modifying-cte, unknown-syntax.
[[nodiscard]] std::vector<Violation> judge(Statement const& statement, Rules const& rules);

// What a statement reads of the unqualified relation `name` (`events`), over all its mentions.
struct ColumnsRead {
  bool all = false;                   // any column may be read
  std::vector<std::string> certain;   // sorted, each once
  std::vector<std::string> possible;  // unqualified names that may be another relation's
};
[[nodiscard]] ColumnsRead columns_read(Statement const& statement, std::string_view name);

// Where a byte stands, both from 1; the column in bytes, as in base's SourceRange.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  bool operator==(Position const&) const = default;
};
[[nodiscard]] Position position_of(std::string_view text, std::size_t offset);

[[nodiscard]] std::string_view to_text(Kind kind);
// One line a fact, in the order of the struct; for tests and explain.
[[nodiscard]] std::string to_text(Statement const& statement);
// "12: function-not-allowed: message (hint)".
[[nodiscard]] std::string to_text(Violation const& violation);

}  // namespace hansa::sql
