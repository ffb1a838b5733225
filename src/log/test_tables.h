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
create table hansa.event_schema (
  id integer generated always as identity primary key, subject text not null,
  version integer not null, schema text not null, created_at timestamptz not null default now(),
  unique (subject, version), unique (subject, schema));
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
