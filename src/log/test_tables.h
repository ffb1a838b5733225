// For tests: Hansa's own tables for events as a migration makes them, in a database without apply.
#pragma once

#include <string_view>

namespace hansa::log {

inline constexpr std::string_view test_tables = R"(
create schema hansa;
create table hansa.secret (name text primary key, value bytea not null);
insert into hansa.secret values ('log', uuid_send(gen_random_uuid()));
create table hansa.topic (
  id integer generated always as identity primary key, name text not null unique,
  domain text not null, stream text not null default '',
  partitions integer not null check (partitions between 1 and 1000),
  cleanup text not null, retention_ms bigint, message_bytes_max integer not null,
  created_at timestamptz not null default now());
create table hansa.topic_partition (
  topic integer not null references hansa.topic on delete cascade, partition integer not null,
  start_offset bigint not null default 0, next_offset bigint not null default 0,
  primary key (topic, partition));
create table hansa.segment (
  topic integer not null, partition integer not null, base_offset bigint not null,
  next_offset bigint not null, max_time_ms bigint not null, records integer not null,
  batch bytea not null, primary key (topic, partition, base_offset),
  foreign key (topic, partition) references hansa.topic_partition on delete cascade);
alter table hansa.segment alter column batch set storage external;
create table hansa.schema (
  id integer generated always as identity primary key, type text not null, text text not null,
  refs text not null default '[]', digest bytea unique);
create table hansa.subject_version (
  subject text not null, version integer not null, schema integer not null references hansa.schema,
  deleted boolean not null default false, primary key (subject, version));
create function hansa.register_schema(in_subject text, in_last integer, in_type text, in_text text,
  in_refs text, in_digest bytea, in_id integer, in_version integer)
returns integer language plpgsql as $body$
declare found_id integer;
begin
  lock table hansa.subject_version in share row exclusive mode;
  if (select coalesce(max(version), 0) from hansa.subject_version where subject = in_subject)
     <> in_last then
    return null;
  end if;
  select id into found_id from hansa.schema where digest = in_digest;
  if found_id is null then
    insert into hansa.schema (type, text, refs, digest)
      values (in_type, in_text, in_refs, in_digest) returning id into found_id;
  end if;
  insert into hansa.subject_version (subject, version, schema)
    values (in_subject, in_last + 1, found_id);
  return found_id;
end
$body$;
create view hansa.event_schema as
  select s.id, v.subject, v.version, s.text as schema
  from hansa.subject_version v join hansa.schema s on s.id = v.schema where s.type = 'AVRO';
create table hansa.consumer_offset (
  consumer_group text not null, topic text not null, partition integer not null,
  cluster text not null, next_offset bigint not null, epoch bigint not null default 0,
  updated_at timestamptz not null default now(), primary key (consumer_group, topic, partition));
create table hansa.port_halt (
  consumer_group text primary key, topic text not null, partition integer not null,
  next_offset bigint not null, sqlstate text not null, reason text not null,
  since timestamptz not null default now(), tried_at timestamptz not null default now());
create table hansa.dead_letter_done (
  topic text not null, record_offset bigint not null, outcome text not null,
  done_at timestamptz not null default now(), primary key (topic, record_offset));
)";

}  // namespace hansa::log
