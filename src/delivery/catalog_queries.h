// The statements that read PostgreSQL's catalogue, by name. Each takes one parameter, a JSON array
// of schema names (roles: of role names), and is set-based.
#pragma once

#include <string_view>

namespace hansa::delivery::query {

inline constexpr std::string_view applier = R"(
select current_user, r.rolsuper, r.rolcreaterole,
       has_database_privilege(current_database(), 'create'), current_database()
from pg_catalog.pg_roles r where r.rolname = current_user)";

// A role may be used by SET ROLE through membership; since 16 the membership itself says so.
inline constexpr std::string_view roles_15 = R"(
select r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
       r.rolbypassrls, pg_has_role(r.oid, 'member'),
       (me.rolcreaterole and not r.rolsuper) or pg_has_role(r.oid, 'member with admin option'),
       to_json(array(select g.rolname from pg_catalog.pg_auth_members m
                     join pg_catalog.pg_roles g on g.oid = m.roleid
                     where m.member = r.oid order by 1))
from pg_catalog.pg_roles r, pg_catalog.pg_roles me
where r.rolname in (select json_array_elements_text($1::json)) and me.rolname = current_user)";

inline constexpr std::string_view roles_16 = R"(
select r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
       r.rolbypassrls, pg_has_role(r.oid, 'set'), pg_has_role(r.oid, 'member with admin option'),
       to_json(array(select g.rolname from pg_catalog.pg_auth_members m
                     join pg_catalog.pg_roles g on g.oid = m.roleid
                     where m.member = r.oid order by 1))
from pg_catalog.pg_roles r
where r.rolname in (select json_array_elements_text($1::json)))";

inline constexpr std::string_view schemas = R"(
select n.nspname, pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace n
where n.nspname in (select json_array_elements_text($1::json)))";

inline constexpr std::string_view owners = R"(
select distinct pg_get_userbyid(o.owner)
from (select n.oid, n.nspowner as owner from pg_catalog.pg_namespace n
      where n.nspname in (select json_array_elements_text($1::json))
      union all
      select n.oid, c.relowner from pg_catalog.pg_namespace n
      join pg_catalog.pg_class c on c.relnamespace = n.oid
      where n.nspname in (select json_array_elements_text($1::json))
      union all
      select n.oid, p.proowner from pg_catalog.pg_namespace n
      join pg_catalog.pg_proc p on p.pronamespace = n.oid
      where n.nspname in (select json_array_elements_text($1::json))) o
where pg_has_role(o.owner, 'member'))";

inline constexpr std::string_view relations = R"(
select n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner),
       coalesce(obj_description(c.oid, 'pg_class'), ''), to_json(coalesce(c.reloptions, '{}')),
       case when c.relkind = 'v' then pg_get_viewdef(c.oid) else '' end
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in (select json_array_elements_text($1::json))
  and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S', 'c')
  and not exists (select from pg_catalog.pg_depend d
                  where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid
                    and d.deptype in ('i', 'a') and c.relkind = 'S'))";

inline constexpr std::string_view columns = R"(
select n.nspname, c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod),
       a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
       coalesce((select s.relname from pg_catalog.pg_depend i
                 join pg_catalog.pg_class s on s.oid = i.objid
                 where i.classid = 'pg_catalog.pg_class'::regclass
                   and i.refclassid = 'pg_catalog.pg_class'::regclass and i.refobjid = c.oid
                   and i.refobjsubid = a.attnum and i.deptype = 'i' and s.relkind = 'S'), ''),
       coalesce(col_description(c.oid, a.attnum), '')
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where n.nspname in (select json_array_elements_text($1::json)) and c.relkind in ('r', 'v')
order by c.oid, a.attnum)";

inline constexpr std::string_view checks = R"(
select n.nspname, c.relname, k.conname, pg_get_expr(k.conbin, k.conrelid), k.convalidated,
       to_json(array(select a.attname from unnest(k.conkey) u
                     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = u))
from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in (select json_array_elements_text($1::json))
  and k.contype = 'c' and c.relkind = 'r'
order by c.oid, k.conname)";

inline constexpr std::string_view foreign_keys = R"(
select n.nspname, c.relname, k.conname, k.convalidated, tn.nspname, t.relname,
       to_json(array(select a.attname from unnest(k.conkey) with ordinality u(num, at)
                     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = u.num
                     order by u.at)),
       to_json(array(select a.attname from unnest(k.confkey) with ordinality u(num, at)
                     join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = u.num
                     order by u.at)),
       k.confupdtype = 'a' and k.confdeltype = 'a' and k.confmatchtype = 's' and not k.condeferrable
from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class t on t.oid = k.confrelid
join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
where n.nspname in (select json_array_elements_text($1::json)) and k.contype = 'f'
order by c.oid, k.conname)";

inline constexpr std::string_view indexes = R"(
select n.nspname, c.relname, x.relname, i.indisunique, i.indisprimary,
       i.indisvalid and i.indisready,
       am.amname = 'btree' and i.indpred is null and i.indexprs is null
         and i.indnatts = i.indnkeyatts and i.indimmediate and not i.indnullsnotdistinct
         and not exists (select from unnest(i.indoption) o where o <> 0)
         and not exists (select from unnest(i.indclass) o
                         join pg_catalog.pg_opclass p on p.oid = o where not p.opcdefault),
       exists (select from pg_catalog.pg_constraint k
               where k.conindid = x.oid and k.contype in ('u', 'x')),
       to_json(array(select a.attname from unnest(i.indkey) with ordinality u(num, at)
                     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = u.num
                     order by u.at))
from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_am am on am.oid = x.relam
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in (select json_array_elements_text($1::json)) and c.relkind = 'r'
order by c.oid, x.relname)";

// Hansa's own functions: those of its schema.
inline constexpr std::string_view functions = R"(
select n.nspname, p.proname, pg_get_userbyid(p.proowner), oidvectortypes(p.proargtypes),
       pg_get_functiondef(p.oid)
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname in (select json_array_elements_text($1::json)) and n.nspname = 'hansa'
  and p.prokind = 'f')";

inline constexpr std::string_view triggers = R"(
select n.nspname, c.relname, t.tgname, fn.nspname, p.proname, pg_get_triggerdef(t.oid),
       t.tgenabled = 'A'
from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace fn on fn.oid = p.pronamespace
where n.nspname in (select json_array_elements_text($1::json)) and c.relkind = 'r'
  and not t.tgisinternal and t.tgname like 'hansa\_%'
order by c.oid, t.tgname)";

// Parameters: JSON arrays of domains and of topics that are declared, which another domain may
// have, or none: Kafka clients make topics of the empty domain.
inline constexpr std::string_view topics = R"(
select name, domain, partitions, cleanup, coalesce(retention_ms::text, ''), message_bytes_max
from hansa.topic
where domain in (select json_array_elements_text($1::json))
   or name in (select json_array_elements_text($2::json)))";

// Rights on schemas ('n'), tables and views ('r'), sequences with their table ('S'), columns ('a'),
// Hansa's functions ('f').
inline constexpr std::string_view rights = R"(
select o.kind, o.schema, o.name, o.part, coalesce(r.rolname, 'PUBLIC'), lower(x.privilege_type),
       x.is_grantable
from (select 'n' as kind, n.nspname as schema, '' as name, '' as part, n.nspacl as acl,
             n.nspowner as owner
      from pg_catalog.pg_namespace n
      where n.nspname in (select json_array_elements_text($1::json))
      union all
      select case c.relkind when 'S' then 'S' else 'r' end, n.nspname,
             coalesce(t.relname, c.relname), case c.relkind when 'S' then c.relname else '' end,
             c.relacl, c.relowner
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join pg_catalog.pg_depend d
             on c.relkind = 'S' and d.classid = 'pg_catalog.pg_class'::regclass
            and d.objid = c.oid and d.deptype = 'i'
      left join pg_catalog.pg_class t on t.oid = d.refobjid
      where n.nspname in (select json_array_elements_text($1::json))
        and c.relkind in ('r', 'v', 'S')
      union all
      select 'a', n.nspname, c.relname, a.attname, a.attacl, c.relowner
      from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname in (select json_array_elements_text($1::json)) and a.attacl is not null
        and not a.attisdropped
      union all
      select 'f', n.nspname, p.proname, '', coalesce(p.proacl, acldefault('f', p.proowner)),
             p.proowner
      from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where n.nspname in (select json_array_elements_text($1::json)) and n.nspname = 'hansa'
        and p.prokind = 'f') o
cross join lateral aclexplode(o.acl) x
left join pg_catalog.pg_roles r on r.oid = x.grantee
where x.grantee <> o.owner)";

inline constexpr std::string_view view_sources = R"(
select distinct n.nspname, v.relname, tn.nspname, t.relname
from pg_catalog.pg_class v join pg_catalog.pg_namespace n on n.oid = v.relnamespace
join pg_catalog.pg_rewrite w on w.ev_class = v.oid
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
 and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> v.oid
join pg_catalog.pg_class t on t.oid = d.refobjid
join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
where n.nspname in (select json_array_elements_text($1::json)) and v.relkind = 'v')";

inline constexpr std::string_view has_own_schema = R"(
select exists (select from pg_catalog.pg_namespace where nspname = 'hansa'),
       exists (select from pg_catalog.pg_class c
               join pg_catalog.pg_namespace n on n.oid = c.relnamespace
               where n.nspname = 'hansa' and c.relname = 'schema_version'))";

// Parameters: a JSON array of the domains that are declared, the mesh's name. What a domain's own
// roles hold is this mesh's. Names come quoted, lists as SQL takes them.
inline constexpr std::string_view departed = R"(
select o.domain, string_agg(quote_ident(o.schema), ', ' order by o.schema),
       (select string_agg(quote_ident(r.rolname), ', ' order by r.rolname)
        from pg_catalog.pg_roles r
        where r.rolname in (select $2 || '_' || o.domain || '_' || kind
                            from unnest(array['owner', 'runtime', 'view', 'emit']) kind)),
       coalesce((select 'drop table ' || string_agg('hansa.' || quote_ident(t.object), ', '
                                                    order by t.object) || '; '
                 from hansa.object t join pg_catalog.pg_class c on c.relname = t.object
                 join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = 'hansa'
                 where t.kind = 'table' and t.schema = 'hansa' and t.domain = o.domain), ''),
       exists (select from hansa.object t where t.kind = 'topic' and t.domain = o.domain)
from hansa.object o join pg_catalog.pg_namespace n on n.nspname = o.schema
where o.kind = 'schema' and o.domain not in (select json_array_elements_text($1::json))
  and pg_get_userbyid(n.nspowner) in ($2 || '_' || o.domain || '_owner',
                                      $2 || '_' || o.domain || '_view')
group by o.domain order by o.domain limit 100)";

inline constexpr std::string_view records = R"(
select kind, schema, object, part, domain, declared, coalesce(observed, ''), server_major
from hansa.object where domain in (select json_array_elements_text($1::json)))";

}  // namespace hansa::delivery::query
