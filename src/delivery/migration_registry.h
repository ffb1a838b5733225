// Step 4 of Hansa's own schema: the registry's tables. hansa.event_schema becomes a view of
// them, which the program before may go on to read and to insert into. A value.
#pragma once

#include <string_view>

namespace hansa::delivery {

// An id is never given to another text. Two subjects may have been given two ids for one text by
// the program before: the later one stays, without a digest, because records carry it.
inline constexpr std::string_view migration_4 = R"(
create table hansa.schema (
  id integer generated always as identity primary key,
  type text not null check (type in ('AVRO', 'JSON')),
  text text not null,
  refs text not null default '[]',
  digest bytea unique,
  created_at timestamptz not null default now()
);
comment on table hansa.schema is 'Schemas; the id stands before each event';
create table hansa.subject_version (
  subject text not null,
  version integer not null check (version > 0),
  schema integer not null references hansa.schema,
  deleted boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (subject, version)
);
create index on hansa.subject_version (schema);
comment on table hansa.subject_version is 'Which schemas a subject had, in order';
create table hansa.subject_setting (
  subject text primary key,
  compatibility text,
  mode text,
  normalize boolean
);
comment on table hansa.subject_setting is 'How a subject may change; the empty one is for all';

insert into hansa.schema (id, type, text, digest, created_at) overriding system value
  select id, 'AVRO', schema,
         case when row_number() over (partition by schema order by id) = 1
              then pg_catalog.sha256(pg_catalog.convert_to('AVRO' || chr(10) || '[]' || chr(10)
                                                           || schema, 'UTF8')) end,
         created_at
  from hansa.event_schema;
select pg_catalog.setval(pg_catalog.pg_get_serial_sequence('hansa.schema', 'id'),
                         greatest((select max(id) from hansa.schema), 1),
                         exists (select from hansa.schema));
insert into hansa.subject_version (subject, version, schema, created_at)
  select subject, version, id, created_at from hansa.event_schema;
drop table hansa.event_schema;

-- The id of a schema under a subject, whose last version is expected to be `in_last`; null where
-- it is not, so that whoever judged the schema by what it saw judges it anew. `in_id` and
-- `in_version`: of an import. Writers wait for each other, so that versions are dense and ids are
-- not wasted.
create function hansa.register_schema(in_subject text, in_last integer, in_type text, in_text text,
                                      in_refs text, in_digest bytea, in_id integer,
                                      in_version integer)
returns integer language plpgsql as $body$
declare found_id integer;
begin
  lock table hansa.subject_version in share row exclusive mode;
  if (select coalesce(max(version), 0) from hansa.subject_version where subject = in_subject)
     <> in_last then
    return null;
  end if;
  select id into found_id from hansa.schema where digest = in_digest;
  if found_id is null and in_id is null then
    insert into hansa.schema (type, text, refs, digest)
      values (in_type, in_text, in_refs, in_digest) returning id into found_id;
  elsif found_id is null then
    insert into hansa.schema (id, type, text, refs, digest) overriding system value
      values (in_id, in_type, in_text, in_refs, in_digest) returning id into found_id;
    perform pg_catalog.setval(pg_catalog.pg_get_serial_sequence('hansa.schema', 'id'),
                              (select max(id) from hansa.schema));
  end if;
  insert into hansa.subject_version (subject, version, schema)
    values (in_subject, coalesce(in_version, in_last + 1), found_id);
  return found_id;
end
$body$;
revoke all on function hansa.register_schema(text, integer, text, text, text, bytea, integer,
                                             integer) from public;

create view hansa.event_schema as
  select s.id, v.subject, v.version, s.text as schema, v.created_at
  from hansa.subject_version v join hansa.schema s on s.id = v.schema where s.type = 'AVRO';
comment on view hansa.event_schema is 'For programs of the version before';
create function hansa.add_event_schema() returns trigger language plpgsql as $body$
begin
  insert into hansa.schema (type, text, digest)
    values ('AVRO', new.schema,
            pg_catalog.sha256(pg_catalog.convert_to('AVRO' || chr(10) || '[]' || chr(10)
                                                    || new.schema, 'UTF8')))
    on conflict (digest) do nothing;
  select id into new.id from hansa.schema
    where digest = pg_catalog.sha256(pg_catalog.convert_to(
      'AVRO' || chr(10) || '[]' || chr(10) || new.schema, 'UTF8'));
  insert into hansa.subject_version (subject, version, schema)
    values (new.subject, new.version, new.id);
  return new;
end
$body$;
revoke all on function hansa.add_event_schema() from public;
create trigger add instead of insert on hansa.event_schema
  for each row execute function hansa.add_event_schema();
)";

}  // namespace hansa::delivery
