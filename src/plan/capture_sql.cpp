#include "plan/capture_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "mesh/log_names.h"
#include "plan/ddl.h"
#include "plan/own_tables.h"

namespace hansa::plan {
namespace {

// No column begins with an underscore, so nothing an event has can stand before this alias.
constexpr auto fields = "_fields";

// Which settings of the writer reach what is written. Every SET costs each statement some
// microseconds, so functions have only those that matter to their columns; an emission may do
// anything with its values. Moments of rows are taken to UTC by hand, which costs less.
std::string settings_of(std::vector<Stream> const& streams, std::string const& schema) {
  bool emission = false, moment = false, binary = false, real = false;
  for (Stream const& stream : streams) {
    emission = emission || stream.query.has_value();
    for (Member const& each : stream.members) {
      using enum types::Kind;
      auto const kind = each.type.kind;
      bool const temporal = kind == date || kind == timestamp || kind == timestamptz;
      moment = moment || each.cast || (temporal && holds(stream.key, each.name));
      binary = binary || kind == bytes;
      real = real || kind == float32 || kind == float64;
    }
  }
  std::string out;
  // pg_temp is named, and last: else a writer's temporary table would stand before the domain's.
  if (emission) out += fmt::format("set search_path = pg_catalog, {}, pg_temp\n", quoted(schema));
  if (emission || moment) out += "set timezone = 'UTC'\nset datestyle = 'ISO, MDY'\n";
  if (emission || binary) out += "set bytea_output = 'hex'\n";
  if (emission || real) out += "set extra_float_digits = '1'\n";
  if (emission) out += "set intervalstyle = 'iso_8601'\nset standard_conforming_strings = 'on'\n";
  return out;
}

// A writer's search path may hold operators, functions and types of the names of PostgreSQL's own.
std::string type_of(types::Type const& type) {
  using enum types::Kind;
  bool const keyword = type.kind != text && type.kind != uuid && type.kind != bytes &&
                       type.kind != date && type.kind != json;
  return (keyword ? "" : "pg_catalog.") + types::postgres_type(type);
}
std::string op(std::string_view sign) { return fmt::format("operator(pg_catalog.{})", sign); }

Address own_function(DomainLog const& log, std::string const& kind, std::string const& rest = {}) {
  return {std::string(own_schema), bounded_name(kind + "_" + log.domain.text() + rest)};
}

std::string member(std::string const& name) { return fmt::format("{}.{}", fields, quoted(name)); }

constexpr auto as_text = "::pg_catalog.text";

std::string key_of(std::vector<std::string> const& names) {
  if (names.size() == 1) return member(names.front()) + as_text;
  std::vector<std::string> parts;
  for (auto const& name : names) parts.push_back(member(name) + as_text);
  return fmt::format("pg_catalog.json_build_array({}){}", fmt::join(parts, ", "), as_text);
}

// How long a member can be in JSON, its name and its share of a key included; nullopt: as long as
// its text is.
std::optional<std::size_t> bytes_at_most(Member const& member) {
  using enum types::Kind;
  std::size_t const around = 12 * member.name.size() + 16;
  switch (member.type.kind) {
    case text:
    case bytes:
    case json:
      return std::nullopt;
    case numeric:
      if (member.type.precision == 0) return std::nullopt;
      return around + 2 * member.type.precision + 16;
    default:
      return around + 128;
  }
}

// Whether the moment is written as one without a zone, of UTC, so that the writer's is of no
// concern.
bool taken_to_utc(Stream const& stream, Member const& each) {
  return each.type.kind == types::Kind::timestamptz && !stream.query && !each.cast &&
         !holds(stream.key, each.name);
}

// The condition under which no event can hold the value, and how to say it; empty: always can.
struct Guard {
  std::string condition, words;
};

std::optional<Guard> guard_of(Stream const& stream, Member const& value) {
  auto const name = member(value.name);
  auto const years = [&](char const* type, char const* first, char const* last) {
    return Guard{fmt::format("{0} {1} '{2}'::{3} or {0} {4} '{5}'::{3}", name, op("<"), first, type,
                             op(">"), last),
                 value.name + " lies outside the years 1 to 9999"};
  };
  switch (value.type.kind) {
    case types::Kind::numeric:
      if (value.type.precision == 0) return std::nullopt;
      return Guard{fmt::format("{} {} 'NaN'", name, op("=")), value.name + " is not a number"};
    case types::Kind::date:
      return years("pg_catalog.date", "0001-01-01", "9999-12-31");
    case types::Kind::timestamp:
      return years("timestamp", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999");
    case types::Kind::timestamptz:
      if (taken_to_utc(stream, value))
        return years("timestamp", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999");
      return years("timestamp with time zone", "0001-01-01 00:00:00+00",
                   "9999-12-31 23:59:59.999999+00");
    default:
      return std::nullopt;
  }
}

class Body {
 public:
  Body(DomainLog const& log, Address const& table, Change change)
      : log_(log), table_(table), change_(change) {}

  std::string of(std::vector<Stream> const& streams) {
    begin();
    auto const rows_first = [](Stream const& stream) { return stream.query.has_value(); };
    auto ordered = streams;
    std::ranges::stable_partition(ordered, std::not_fn(rows_first));
    for (Stream const& stream : ordered) {
      if (stream.query)
        append_events(stream);
      else
        append_rows(stream);
    }
    out_ += "  return null;\nend\n";
    return std::move(out_);
  }

 private:
  // The user of the session, not its role, says who may write without events: roles change freely.
  void begin() {
    out_ = fmt::format(
        "\n#variable_conflict use_column\nbegin\n"
        "  if pg_catalog.current_setting('hansa.no_events', true) {0} 'on' then\n"
        "    if pg_catalog.pg_has_role(session_user, (select c.relowner from pg_catalog.pg_class "
        "c\n"
        "        where c.oid {0} {1}::pg_catalog.regclass), 'member') then\n"
        "      return null;\n    end if;\n  end if;\n",
        op("="), literal(quoted(pending_table(log_.domain))));
  }

  // The lock comes before the first sid, and only where there is a row: who changes nothing keeps
  // nobody waiting. Taken again for each row, which costs a look into the session's own locks.
  void insert(Stream const& stream, char const* op_letter, std::string const& key,
              std::string const& row, std::string const& source) {
    out_ += fmt::format(
        "  insert into {} (\"sid\", \"stream\", \"op\", \"key\", \"row\", \"trace\", \"actor\", "
        "\"at\")\n"
        "  select case when pg_catalog.pg_advisory_xact_lock_shared({}, {}) is not null\n"
        "      then pg_catalog.nextval({}) end,\n"
        "    {}, '{}', {}, {},\n"
        "    pg_catalog.current_setting('hansa.trace', true),\n"
        "    pg_catalog.current_setting('hansa.actor', true), "
        "pg_catalog.statement_timestamp()\n"
        "  from ({}) {};\n",
        quoted(pending_table(log_.domain)), mesh::log_lock_class, log_.lock,
        literal(quoted(Address{std::string(own_schema), mesh::pending_sequence(log_.domain)})),
        literal(stream.name), op_letter, key, row, source, fields);
  }

  void append_rows(Stream const& stream) {
    if (change_ == Change::insert) append_each(stream, "c", changed_rows(stream));
    if (change_ == Change::remove) append_keys(stream, keys_of(stream, "deleted", ""));
    if (change_ != Change::update) return;
    // A key that nobody has any more, or a changed key would live on in every copy.
    constexpr auto bytewise = " collate pg_catalog.\"C\"";
    append_keys(stream, keys_of(stream, "deleted", bytewise) + "\n    except " +
                            keys_of(stream, "inserted", bytewise));
    append_each(stream, "u", changed_rows(stream));
  }

  void append_keys(Stream const& stream, std::string const& keys) {
    insert(stream, "d", std::string(fields) + ".key", "null", keys);
  }

  void append_events(Stream const& stream) {
    std::vector<std::string> columns;
    for (Member const& each : stream.members)
      columns.push_back(
          fmt::format("_emitted.{0}::{1} as {0}", quoted(each.name), type_of(each.type)));
    // The line break ends a comment that the SELECT may end in. OFFSET 0 keeps PostgreSQL from
    // writing what it computes out more than once.
    append_each(stream, "e",
                fmt::format("select {} from (\n{}\n) _emitted offset 0", fmt::join(columns, ", "),
                            *stream.query));
  }

  void append_each(Stream const& stream, char const* op_letter, std::string const& rows) {
    std::string row;
    auto const arm = [&](std::string const& condition, char const* state, std::string const& why) {
      row += fmt::format(
          "\n    when {} then {}('{}', {}, 'the row is not written')", condition, refuse(), state,
          literal(fmt::format("no event of topic {} can hold this row: {}", stream.topic, why)));
    };
    for (Member const& each : stream.members)
      if (each.must_be_there)
        arm(member(each.name) + " is null", "23502", each.name + " is missing");
    for (Member const& each : stream.members)
      if (auto const guard = guard_of(stream, each)) arm(guard->condition, "22003", guard->words);
    auto const text = fmt::format("pg_catalog.row_to_json({}){}", fields, as_text);
    auto const key = key_of(stream.key);
    auto const fit = fmt::format("{}({}, {}, {}, {})", quoted(own_function(log_, "fit_event")),
                                 text, key, literal(stream.topic), stream.bytes_max);
    auto const size = size_of(stream);
    if (!size.large.empty()) row += fmt::format("\n    when {} then {}", size.large, fit);
    auto const& rest = size.unknown ? fit : text;
    row = row.empty() ? rest : fmt::format("case{}\n    else {} end", row, rest);
    insert(stream, op_letter, key, row, rows);
  }

  struct Size {
    std::string large;     // the condition under which an event might be too large; empty: never
    bool unknown = false;  // it has to be measured
  };

  // What an event can be at most is known from types and from the lengths of texts, without making
  // it: a character is at most six bytes in JSON, and a text may stand in the key too.
  static Size size_of(Stream const& stream) {
    std::size_t fixed = 64, texts = 0;
    for (Member const& each : stream.members) {
      auto const bytes = bytes_at_most(each);
      auto const kind = each.type.kind;
      if (!bytes && kind != types::Kind::text && kind != types::Kind::bytes)
        return {.large = {}, .unknown = true};
      fixed += bytes.value_or(12 * each.name.size() + 16);
      texts += bytes ? 0 : 1;
    }
    if (fixed >= stream.bytes_max) return {.large = {}, .unknown = true};
    Size out;
    for (Member const& each : stream.members)
      if (!bytes_at_most(each))
        out.large +=
            fmt::format("{}pg_catalog.octet_length({}) {} {}", out.large.empty() ? "" : " or ",
                        member(each.name), op(">"), (stream.bytes_max - fixed) / texts / 12);
    return out;
  }

  static std::string changed_rows(Stream const& stream) {
    std::vector<std::string> columns;
    for (Member const& each : stream.members) {
      columns.push_back(taken_to_utc(stream, each)
                            ? fmt::format("pg_catalog.timezone('UTC', {}) as {}",
                                          quoted(each.column), quoted(each.name))
                            : selected(each));
    }
    return fmt::format("select {} from inserted", fmt::join(columns, ", "));
  }

  std::string keys_of(Stream const& stream, char const* relation, char const* collation) const {
    std::vector<std::string> columns, same;
    for (Member const& each : stream.members) {
      if (!holds(stream.key, each.name)) continue;
      columns.push_back(selected(each));
      same.push_back(fmt::format("_now.{0} {1} _gone.{0}", quoted(each.column), op("=")));
    }
    // One statement may delete a row and make it anew, and triggers then fire in any order.
    return fmt::format("select {}{} as key from (select {} from {} _gone{}) {}", key_of(stream.key),
                       collation, fmt::join(columns, ", "), relation,
                       std::string_view(relation) == "deleted"
                           ? fmt::format(" where not exists (select from {} _now where {})",
                                         quoted(table_), fmt::join(same, " and "))
                           : "",
                       fields);
  }

  static std::string selected(Member const& each) {
    auto out = quoted(each.column);
    if (each.cast) out += "::" + type_of(each.type);
    return each.cast || each.column != each.name ? out + " as " + quoted(each.name) : out;
  }

  std::string refuse() const { return quoted(own_function(log_, "refuse_event")); }

  DomainLog const& log_;
  Address const& table_;
  Change change_;
  std::string out_;
};

Function made(DomainLog const& log, Address address, std::string arguments,
              std::string const& result, std::string const& settings, std::string const& body) {
  Function out{.address = std::move(address),
               .domain = log.domain,
               .owner = log.writer,
               .arguments = std::move(arguments),
               .where = own_reason};
  out.definition =
      fmt::format("create or replace function {}{} returns {} language plpgsql\n{}as {}",
                  quoted(out.address), "(" + out.arguments + ")", result, settings, literal(body));
  return out;
}

}  // namespace

std::string_view to_text(Change change) {
  if (change == Change::insert) return "insert";
  return change == Change::update ? "update" : "delete";
}

Address pending_table(DomainName const& domain) {
  return {std::string(own_schema), mesh::pending_table(domain)};
}

Function capture_function(DomainLog const& log, Address const& table, Change change,
                          std::vector<Stream> const& streams) {
  auto const fed = [change](Stream const& stream) {
    if (change == Change::insert) return stream.on_insert;
    return change == Change::update ? stream.on_update : stream.on_delete;
  };
  std::vector<Stream> mine;
  std::ranges::copy_if(streams, std::back_inserter(mine), fed);
  auto const settings = "security definer\n" + settings_of(mine, log.schema);
  auto out =
      made(log, own_function(log, "capture", fmt::format("_{}_{}", table.name, to_text(change))),
           "", "trigger", settings, Body(log, table, change).of(mine));
  out.table = table;
  return out;
}

Function refuse_truncate_function(DomainLog const& log) {
  return made(log, own_function(log, "refuse_truncate"), "", "trigger",
              "set search_path = pg_catalog, pg_temp\n",
              "\nbegin\n"
              "  raise exception using errcode = '0A000',\n"
              "    message = format('%I.%I feeds topics, and TRUNCATE has no rows to tell of', "
              "tg_table_schema, tg_table_name),\n"
              "    hint = 'use DELETE, whose rows become events';\n"
              "end\n");
}

Function refuse_event_function(DomainLog const& log) {
  return made(log, own_function(log, "refuse_event"), "text, text, text", "text",
              "set search_path = pg_catalog, pg_temp\n",
              "\nbegin\n"
              "  raise exception using errcode = $1, message = $2, hint = $3;\n"
              "end\n");
}

// As exact as it is dear: called for an event that may be too large.
Function fit_event_function(DomainLog const& log) {
  auto const bytes =
      fmt::format("pg_catalog.octet_length($1) {} pg_catalog.octet_length($2)", op("+"));
  return made(log, own_function(log, "fit_event"), "text, text, text, integer", "text", "",
              fmt::format("\nbegin\n"
                          "  if ({0}) {1} $4 then\n"
                          "    raise exception using errcode = '54000',\n"
                          "      message = pg_catalog.format('an event of topic %s has %s bytes, "
                          "at most %s are allowed',\n        $3, {0}, $4),\n"
                          "      hint = 'the row is not written';\n"
                          "  end if;\n"
                          "  return $1;\n"
                          "end\n",
                          bytes, op(">")));
}

}  // namespace hansa::plan
