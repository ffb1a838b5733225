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

// How values are written must not depend on who writes them; but each setting costs every statement
// a microsecond or two, so rows are given only those that matter to their columns.
std::string settings_of(std::vector<Stream> const& streams) {
  bool emission = false, moment = false, moment_in_key = false, binary = false, real = false;
  for (Stream const& stream : streams) {
    emission = emission || stream.query.has_value();
    for (Member const& each : stream.members) {
      using enum types::Kind;
      auto const kind = each.type.kind;
      bool const temporal = kind == date || kind == timestamp || kind == timestamptz;
      moment = moment || kind == timestamptz;
      moment_in_key = moment_in_key || (temporal && holds(stream.key, each.name));
      binary = binary || kind == bytes;
      real = real || kind == float32 || kind == float64;
    }
  }
  std::string out;
  if (emission || moment) out += "set timezone = 'UTC'\n";
  if (emission || moment_in_key) out += "set datestyle = 'ISO, MDY'\n";
  if (emission || binary) out += "set bytea_output = 'hex'\n";
  if (emission || real) out += "set extra_float_digits = '1'\n";
  if (emission) out += "set intervalstyle = 'iso_8601'\nset standard_conforming_strings = 'on'\n";
  return out;
}

Address own_function(DomainLog const& log, std::string const& kind, std::string const& rest = {}) {
  return {std::string(own_schema), bounded_name(kind + "_" + log.domain.text() + rest)};
}

std::string member(std::string const& name) { return fmt::format("{}.{}", fields, quoted(name)); }

std::string key_of(std::vector<std::string> const& names) {
  if (names.size() == 1) return member(names.front()) + "::text";
  std::vector<std::string> parts;
  for (auto const& name : names) parts.push_back(member(name) + "::text");
  return fmt::format("json_build_array({})::text", fmt::join(parts, ", "));
}

// The condition under which no event can hold the value, and how to say it; empty: always can.
struct Guard {
  std::string condition, words;
};

std::optional<Guard> guard_of(Member const& value) {
  auto const name = member(value.name);
  auto const years = [&](char const* type, char const* first, char const* last) {
    return Guard{fmt::format("{0} < {1} '{2}' or {0} > {1} '{3}'", name, type, first, last),
                 value.name + " lies outside the years 1 to 9999"};
  };
  switch (value.type.kind) {
    case types::Kind::numeric:
      if (value.type.precision == 0) return std::nullopt;
      return Guard{name + " = 'NaN'", value.name + " is not a number"};
    case types::Kind::date:
      return years("date", "0001-01-01", "9999-12-31");
    case types::Kind::timestamp:
      return years("timestamp", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999");
    case types::Kind::timestamptz:
      return years("timestamptz", "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00");
    default:
      return std::nullopt;
  }
}

// A CASE over the members, or empty.
std::string case_of(std::vector<Guard> const& guards) {
  std::string out;
  for (Guard const& guard : guards)
    out += fmt::format(" when {} then {}", guard.condition, literal(guard.words));
  return out.empty() ? out : "case" + out + " end";
}

class Body {
 public:
  Body(DomainLog const& log, Change change) : log_(log), change_(change) {}

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
        "  perform pg_advisory_xact_lock_shared({}, {}) from (select from {} limit 1) changed;\n"
        "  if not found then\n    return null;\n  end if;\n"
        "  if current_setting('hansa.no_events', true) = 'on' then\n"
        "    if pg_has_role(session_user, (select c.relowner from pg_class c\n"
        "        where c.oid = {}::regclass), 'member') then\n"
        "      return null;\n    end if;\n  end if;\n",
        mesh::log_lock_class, log_.lock, change_ == Change::remove ? "deleted" : "inserted",
        literal(quoted(pending_table(log_.domain))));
  }

  void insert(Stream const& stream, char const* op, std::string const& row,
              std::string const& source) {
    out_ += fmt::format(
        "  insert into {} (\"sid\", \"stream\", \"op\", \"key\", \"row\", \"trace\", \"actor\", "
        "\"at\")\n"
        "  select nextval({}), {}, '{}', e.key, {},\n"
        "    nullif(current_setting('hansa.trace', true), ''),\n"
        "    nullif(current_setting('hansa.actor', true), ''), statement_timestamp()\n"
        "  from ({}) e;\n",
        quoted(pending_table(log_.domain)),
        literal(quoted(Address{std::string(own_schema), mesh::pending_sequence(log_.domain)})),
        literal(stream.name), op, row, source);
  }

  void append_rows(Stream const& stream) {
    if (change_ == Change::insert) append_each(stream, "c", changed_rows(stream, "inserted"));
    if (change_ == Change::remove) insert(stream, "d", "null", keys_of(stream, "deleted", ""));
    if (change_ != Change::update) return;
    // A key that nobody has any more, or a changed key would live on in every copy.
    insert(stream, "d", "null",
           keys_of(stream, "deleted", " collate \"C\"") + "\n    except " +
               keys_of(stream, "inserted", " collate \"C\""));
    append_each(stream, "u", changed_rows(stream, "inserted"));
  }

  void append_events(Stream const& stream) {
    std::vector<std::string> columns;
    for (Member const& each : stream.members)
      columns.push_back(fmt::format("_emitted.{0}::{1} as {0}", quoted(each.name),
                                    types::postgres_type(each.type)));
    // The line break ends a comment that the SELECT may end in.
    append_each(
        stream, "e",
        fmt::format("select {} from (\n{}\n) _emitted", fmt::join(columns, ", "), *stream.query));
  }

  // OFFSET 0 keeps the order, and keeps PostgreSQL from writing each row out more than once.
  void append_each(Stream const& stream, char const* op, std::string const& rows) {
    std::vector<Guard> unfit, missing;
    for (Member const& each : stream.members) {
      if (auto guard = guard_of(each)) unfit.push_back(std::move(*guard));
      if (each.must_be_there)
        missing.push_back({member(each.name) + " is null", each.name + " is missing"});
    }
    auto source = fmt::format("select {} as key, row_to_json({})::text as \"row\"",
                              key_of(stream.key), fields);
    if (!unfit.empty()) source += fmt::format(",\n    {} as unfit", case_of(unfit));
    if (!missing.empty()) source += fmt::format(",\n    {} as missing", case_of(missing));
    source += fmt::format("\n    from ({}) {} offset 0", rows, fields);

    auto const size = "octet_length(e.key) + octet_length(e.\"row\")";
    auto row = fmt::format(
        "case\n    when {0} > {1} then {2}('54000', {3} || ({0}) || ' bytes, at most {1} are "
        "allowed', 'the row is not written')",
        size, stream.bytes_max, refuse(),
        literal(fmt::format("an event of topic {} has ", stream.topic)));
    auto const arm = [&](char const* column, char const* state) {
      row += fmt::format(
          "\n    when e.{0} is not null then {1}('{2}', {3} || e.{0}, 'the row is not written')",
          column, refuse(), state,
          literal(fmt::format("no event of topic {} can hold this row: ", stream.topic)));
    };
    if (!missing.empty()) arm("missing", "23502");
    if (!unfit.empty()) arm("unfit", "22003");
    insert(stream, op, row + "\n    else e.\"row\" end", source);
  }

  static std::string changed_rows(Stream const& stream, char const* relation) {
    std::vector<std::string> columns;
    for (Member const& each : stream.members) columns.push_back(selected(each));
    return fmt::format("select {} from {}", fmt::join(columns, ", "), relation);
  }

  static std::string keys_of(Stream const& stream, char const* relation, char const* collation) {
    std::vector<std::string> columns;
    for (Member const& each : stream.members)
      if (holds(stream.key, each.name)) columns.push_back(selected(each));
    return fmt::format("select {}{} as key from (select {} from {}) {}", key_of(stream.key),
                       collation, fmt::join(columns, ", "), relation, fields);
  }

  static std::string selected(Member const& each) {
    auto out = quoted(each.column);
    if (each.cast) out += "::" + types::postgres_type(each.type);
    return each.cast || each.column != each.name ? out + " as " + quoted(each.name) : out;
  }

  std::string refuse() const { return quoted(own_function(log_, "refuse_event")); }

  DomainLog const& log_;
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
  // pg_temp is named, and last: else a writer's temporary table would stand before the domain's.
  auto const settings =
      fmt::format("security definer\nset search_path = pg_catalog, {}, pg_temp\n{}",
                  quoted(log.schema), settings_of(mine));
  auto out =
      made(log, own_function(log, "capture", fmt::format("_{}_{}", table.name, to_text(change))),
           "", "trigger", settings, Body(log, change).of(mine));
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

}  // namespace hansa::plan
