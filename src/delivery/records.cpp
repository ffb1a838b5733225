#include "delivery/records.h"

#include "json/value.h"

namespace hansa::delivery {
namespace {

using plan::RecordChange;
using postgres::Session;

constexpr std::string_view write_sql = R"(
insert into hansa.object (kind, schema, object, part, domain, declared, observed, server_major)
select r.kind, r.schema, r.object, r.part, $2, r.declared,
       case r.kind
         when 'check' then
           (select pg_get_expr(k.conbin, k.conrelid) from pg_catalog.pg_constraint k
            where k.conrelid = c.oid and k.conname = r.part)
         when 'default' then
           (select pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d
            join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
            where d.adrelid = c.oid and a.attname = r.part)
         when 'view' then pg_get_viewdef(c.oid)
         when 'trigger' then
           (select pg_get_triggerdef(t.oid) from pg_catalog.pg_trigger t
            where t.tgrelid = c.oid and t.tgname = r.part)
         when 'function' then
           (select pg_get_functiondef(p.oid) from pg_catalog.pg_proc p
            where p.pronamespace = n.oid and p.proname = r.object)
       end,
       current_setting('server_version_num')::integer / 10000
from json_to_recordset($1::json)
  as r(kind text, schema text, object text, part text, declared text)
left join pg_catalog.pg_namespace n on n.nspname = r.schema
left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = r.object
on conflict (kind, schema, object, part) do update
  set domain = excluded.domain, declared = excluded.declared, observed = excluded.observed,
      server_major = excluded.server_major)";

constexpr std::string_view forget_part_sql =
    "delete from hansa.object where kind = $1 and schema = $2 and object = $3 and part = $4";
constexpr std::string_view forget_table_sql =
    "delete from hansa.object where kind not in ('view', 'function', 'topic') and schema = $1 "
    "and object = $2";
constexpr std::string_view move_sql =
    "update hansa.object set object = $3 where kind not in ('view', 'function', 'topic') "
    "and schema = $1 and object = $2";

constexpr std::string_view forget_gone_sql = R"(
delete from hansa.object o
where o.domain in (select json_array_elements_text($1::json)) and o.kind <> 'schema'
  and not case o.kind
        when 'topic' then exists (select from hansa.topic t where t.name = o.object)
        when 'function' then
          exists (select from pg_catalog.pg_proc p
                  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
                  where n.nspname = o.schema and p.proname = o.object)
        else
          exists (select from pg_catalog.pg_class c
                  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                  where n.nspname = o.schema and c.relname = o.object)
      end)";

void perform(Session& session, RecordChange const& change) {
  auto const& key = change.key;
  if (change.act == RecordChange::Act::move)
    session.execute(move_sql, {key.schema, change.moved_from, key.object});
  else if (key.kind == plan::PartKind::table)
    session.execute(forget_table_sql, {key.schema, key.object});
  else
    session.execute(forget_part_sql,
                    {std::string(to_text(key.kind)), key.schema, key.object, key.part});
}

}  // namespace

void change_records(Session& session, DomainName const& domain,
                    std::vector<RecordChange> const& changes) {
  json::Array written;
  for (RecordChange const& change : changes) {
    if (change.act != RecordChange::Act::write) {
      perform(session, change);
      continue;
    }
    written.push_back(json::object({{"kind", json::text(to_text(change.key.kind))},
                                    {"schema", json::text(change.key.schema)},
                                    {"object", json::text(change.key.object)},
                                    {"part", json::text(change.key.part)},
                                    {"declared", json::text(change.declared)}}));
  }
  if (!written.empty())
    session.execute(write_sql, {json::to_text(json::array(std::move(written))), domain.text()});
}

void forget_what_is_gone(Session& session, std::vector<DomainName> const& domains) {
  json::Array names;
  for (DomainName const& domain : domains) names.push_back(json::text(domain.text()));
  session.execute(forget_gone_sql, {json::to_text(json::array(std::move(names)))});
}

void count_apply(Session& session) {
  session.execute(
      "insert into hansa.applied as a (revision, applied_at) values (1, now()) "
      "on conflict (single) do update set revision = a.revision + 1, applied_at = now()");
}

}  // namespace hansa::delivery
