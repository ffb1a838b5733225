// Step 5 of Hansa's own schema, what the gateway keeps: its epoch, the settings of
// topics, producers' sequences, groups' offsets. A value.
#pragma once

#include <string_view>

namespace hansa::delivery {

inline constexpr std::string_view migration_5 = R"(
create table hansa.gateway (
  single boolean primary key default true check (single),
  cluster_id text not null,
  epoch integer not null default 0,
  node_id integer not null default 0,
  host text not null default '',
  port integer not null default 0,
  since timestamptz not null default now()
);
comment on table hansa.gateway is
  'The process that serves Kafka clients, and how often one began to';
insert into hansa.gateway (cluster_id)
  values (translate(encode(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()), 'base64'),
                    '+/=', '-_'));
create table hansa.topic_setting (
  topic integer not null references hansa.topic on delete cascade,
  name text not null,
  value text not null,
  primary key (topic, name)
);
comment on table hansa.topic_setting is 'Settings of topics that Kafka clients gave, as they did';
create table hansa.partition_epoch (
  topic integer not null,
  partition integer not null,
  epoch integer not null,
  start_offset bigint not null,
  primary key (topic, partition, epoch),
  foreign key (topic, partition) references hansa.topic_partition on delete cascade
);
comment on table hansa.partition_epoch is 'Where each leader epoch of the gateway began to write';
create sequence hansa.producer_id;
create table hansa.producer (
  topic integer not null,
  partition integer not null,
  producer_id bigint not null,
  epoch smallint not null,
  recent text not null,
  updated_at timestamptz not null default now(),
  primary key (topic, partition, producer_id),
  foreign key (topic, partition) references hansa.topic_partition on delete cascade
);
comment on table hansa.producer is
  'Last batches of idempotent producers, as first:last:offset, changed with the log';
create table hansa.group_offset (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  leader_epoch integer not null default -1,
  metadata bytea not null default '',
  committed_at timestamptz not null default now(),
  primary key (consumer_group, topic, partition)
);
comment on table hansa.group_offset is 'What consumer groups of Kafka clients committed';
)";

}  // namespace hansa::delivery
