#include "registry/store.h"

#include <charconv>

namespace hansa::registry {
namespace {

using postgres::Rows;

constexpr std::size_t known_max = 10'000;

#define HANSA_VERSION_COLUMNS                                                                  \
  "v.subject, v.version, v.schema, s.type, s.text, s.refs, coalesce(encode(s.digest, 'hex'), " \
  "''), v.deleted from hansa.subject_version v join hansa.schema s on s.id = v.schema "

constexpr std::string_view read_versions =
    "select " HANSA_VERSION_COLUMNS "where v.subject = $1 order by v.version";
constexpr std::string_view read_all = "select " HANSA_VERSION_COLUMNS
                                      "where starts_with(v.subject, $1) and ($2::boolean or not "
                                      "v.deleted) order by v.subject, v.version limit 100000";
constexpr std::string_view read_subjects =
    "select distinct subject from hansa.subject_version where starts_with(subject, $1) and "
    "($2::boolean or not deleted) order by subject";
constexpr std::string_view read_schema = "select type, text, refs from hansa.schema where id = $1";
constexpr std::string_view read_greatest = "select coalesce(max(id), 0) from hansa.schema";
constexpr std::string_view read_uses =
    "select subject, version from hansa.subject_version where schema = $1 and ($2::boolean or not "
    "deleted) order by subject, version";
constexpr std::string_view read_referenced =
    "select distinct s.id from hansa.schema s join hansa.subject_version v on v.schema = s.id, "
    "json_array_elements(s.refs::json) r where s.refs <> '[]' and not v.deleted and r ->> "
    "'subject' = $1 and (r ->> 'version')::int = $2 order by s.id";
constexpr std::string_view register_schema =
    "select hansa.register_schema($1, $2::int, $3, $4, $5, decode($6, 'hex'), $7::int, $8::int)";
constexpr std::string_view hide_versions =
    "update hansa.subject_version set deleted = true where subject = $1 and ($2::int = 0 or "
    "version = $2::int) and not deleted";
constexpr std::string_view remove_versions =
    "delete from hansa.subject_version where subject = $1 and ($2::int = 0 or version = $2::int) "
    "and deleted";
constexpr std::string_view read_settings =
    "select coalesce(compatibility, ''), coalesce(mode, '') from hansa.subject_setting where "
    "subject = $1";
constexpr std::string_view write_level =
    "insert into hansa.subject_setting (subject, compatibility) values ($1, $2) on conflict "
    "(subject) do update set compatibility = excluded.compatibility";
constexpr std::string_view write_mode =
    "insert into hansa.subject_setting (subject, mode) values ($1, $2) on conflict (subject) do "
    "update set mode = excluded.mode";

std::int32_t number(std::string_view text) {
  std::int32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Given given_of(std::string_view type, std::string_view text, std::string_view references) {
  Given given{.type = parse_type(type).value_or(SchemaType::avro), .text = std::string(text)};
  if (references == "[]") return given;
  if (auto const list = json::parse(references))
    if (auto parsed = parse_references(*list)) given.references = *std::move(parsed);
  return given;
}

std::vector<Version> versions_of(Rows const& rows) {
  std::vector<Version> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({.subject = std::string(rows.value(i, 0)),
                   .version = number(rows.value(i, 1)),
                   .id = number(rows.value(i, 2)),
                   .schema = given_of(rows.value(i, 3), rows.value(i, 4), rows.value(i, 5)),
                   .digest = std::string(rows.value(i, 6)),
                   .deleted = rows.value(i, 7) == "t"});
  return out;
}

std::string flag(Deleted deleted) { return deleted == Deleted::included ? "t" : "f"; }

postgres::Param text_or_null(std::optional<std::int32_t> value) {
  if (!value) return std::nullopt;
  return std::to_string(*value);
}

}  // namespace

async::Task<Rows> Store::write(std::string sql, postgres::Params params) {
  auto lease = co_await database_.lease();
  co_return co_await lease.execute(std::move(sql), std::move(params));
}

async::Task<std::vector<Version>> Store::versions(std::string subject) {
  co_return versions_of(co_await database_.read(read_versions, {std::move(subject)}));
}

async::Task<std::vector<Version>> Store::all_versions(std::string prefix, Deleted deleted) {
  co_return versions_of(co_await database_.read(read_all, {std::move(prefix), flag(deleted)}));
}

async::Task<std::vector<std::string>> Store::subjects(std::string prefix, Deleted deleted) {
  auto const rows = co_await database_.read(read_subjects, {std::move(prefix), flag(deleted)});
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.emplace_back(rows.value(i, 0));
  co_return out;
}

async::Task<std::optional<Stored>> Store::schema(std::int32_t id) {
  if (auto const known = known_.find(id); known != known_.end()) co_return known->second;
  auto const rows = co_await database_.read(read_schema, {std::to_string(id)});
  if (rows.size() == 0) co_return std::nullopt;
  Stored stored{.id = id, .schema = given_of(rows.value(0, 0), rows.value(0, 1), rows.value(0, 2))};
  if (known_.size() >= known_max) known_.clear();
  known_.emplace(id, stored);
  co_return stored;
}

async::Task<std::int32_t> Store::greatest_id() {
  auto const rows = co_await database_.read(read_greatest, {});
  co_return number(rows.value(0, 0));
}

async::Task<std::vector<std::pair<std::string, std::int32_t>>> Store::uses(std::int32_t id,
                                                                           Deleted deleted) {
  auto const rows = co_await database_.read(read_uses, {std::to_string(id), flag(deleted)});
  std::vector<std::pair<std::string, std::int32_t>> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.emplace_back(std::string(rows.value(i, 0)), number(rows.value(i, 1)));
  co_return out;
}

async::Task<std::vector<std::int32_t>> Store::referenced_by(std::string subject,
                                                            std::int32_t version) {
  auto const rows =
      co_await database_.read(read_referenced, {std::move(subject), std::to_string(version)});
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(number(rows.value(i, 0)));
  co_return out;
}

async::Task<std::optional<std::int32_t>> Store::add(std::string subject, std::int32_t last,
                                                    Prepared schema, std::optional<std::int32_t> id,
                                                    std::optional<std::int32_t> version) {
  postgres::Params params{std::move(subject),
                          std::to_string(last),
                          std::string(to_text(schema.schema.type)),
                          schema.schema.text,
                          json::to_text(references_json(schema.schema.references)),
                          schema.digest,
                          text_or_null(id),
                          text_or_null(version)};
  auto const rows = co_await write(std::string(register_schema), std::move(params));
  if (rows.is_null(0, 0)) co_return std::nullopt;
  co_return number(rows.value(0, 0));
}

async::Task<void> Store::hide(std::string subject, std::int32_t version) {
  co_await write(std::string(hide_versions), {std::move(subject), std::to_string(version)});
}

async::Task<void> Store::remove(std::string subject, std::int32_t version) {
  co_await write(std::string(remove_versions), {std::move(subject), std::to_string(version)});
}

async::Task<Settings> Store::settings(std::string subject) {
  auto const rows = co_await database_.read(read_settings, {std::move(subject)});
  Settings out;
  if (rows.size() == 0) co_return out;
  out.level = parse_level(rows.value(0, 0));
  out.mode = parse_mode(rows.value(0, 1));
  co_return out;
}

async::Task<void> Store::set_level(std::string subject, std::optional<Level> level) {
  postgres::Param value;
  if (level) value = std::string(to_text(*level));
  co_await write(std::string(write_level), {std::move(subject), std::move(value)});
}

async::Task<void> Store::set_mode(std::string subject, std::optional<Mode> mode) {
  postgres::Param value;
  if (mode) value = std::string(to_text(*mode));
  co_await write(std::string(write_mode), {std::move(subject), std::move(value)});
}

async::Task<std::string> Store::cluster_id() {
  auto const rows = co_await database_.read("select cluster_id from hansa.gateway", {});
  co_return rows.size() == 0 ? std::string{} : std::string(rows.value(0, 0));
}

}  // namespace hansa::registry
