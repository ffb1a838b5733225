// Hansa's own schema: one table of numbered steps. A step is never edited once released; the next
// one must leave the database usable by the program before it (N-1).
#include <fmt/format.h>

#include <array>

#include "crypto/digest.h"
#include "delivery/advisory.h"
#include "delivery/catalog_queries.h"
#include "delivery/delivery.h"
#include "delivery/migration_gateway.h"
#include "delivery/migration_registry.h"
#include "delivery/observe.h"

namespace hansa::delivery {
namespace {

using postgres::Session;

struct Migration {
  int version;
  std::string_view sql;
};

constexpr std::array<Migration, 5> migrations{{{1, R"(
create table hansa.object (
  kind text not null,
  schema text not null,
  object text not null,
  part text not null,
  domain text not null,
  declared text not null,
  observed text,
  server_major integer not null,
  primary key (kind, schema, object, part)
);
comment on table hansa.object is 'What Hansa made: as declared, and as PostgreSQL printed it then';
create table hansa.secret (
  name text primary key,
  value bytea not null
);
comment on table hansa.secret is 'Keys of this mesh; for the applying role only';
)"},
                                               {2, R"(
create table hansa.applied (
  single boolean primary key default true check (single),
  revision bigint not null,
  applied_at timestamptz not null
);
comment on table hansa.applied is 'How often an apply ended here; running servers watch it';
)"},
                                               {3, R"(
create table hansa.topic (
  id integer generated always as identity primary key,
  name text not null unique,
  domain text not null,
  stream text not null,
  partitions integer not null check (partitions between 1 and 1000),
  cleanup text not null,
  retention_ms bigint,
  message_bytes_max integer not null,
  created_at timestamptz not null default now()
);
comment on table hansa.topic is 'Topics of this database''s domains, made by apply';
create table hansa.topic_partition (
  topic integer not null references hansa.topic on delete cascade,
  partition integer not null,
  start_offset bigint not null default 0,
  next_offset bigint not null default 0,
  primary key (topic, partition)
);
comment on table hansa.topic_partition is 'Which offsets each partition holds: [start, next)';
create table hansa.segment (
  topic integer not null,
  partition integer not null,
  base_offset bigint not null,
  next_offset bigint not null,
  max_time_ms bigint not null,
  records integer not null,
  batch bytea not null,
  primary key (topic, partition, base_offset),
  foreign key (topic, partition) references hansa.topic_partition on delete cascade
);
alter table hansa.segment alter column batch set storage external;
comment on table hansa.segment is 'The log: one Kafka record batch a row, never changed';
create table hansa.event_schema (
  id integer generated always as identity primary key,
  subject text not null,
  version integer not null,
  schema text not null,
  created_at timestamptz not null default now(),
  unique (subject, version),
  unique (subject, schema)
);
comment on table hansa.event_schema is 'Schemas of events; the id stands before each event';
create table hansa.consumer_offset (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  cluster text not null,
  next_offset bigint not null,
  epoch bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (consumer_group, topic, partition)
);
comment on table hansa.consumer_offset is 'How far each input port is, changed with its effects';
create table hansa.port_halt (
  consumer_group text primary key,
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  sqlstate text not null,
  reason text not null,
  since timestamptz not null default now(),
  tried_at timestamptz not null default now()
);
comment on table hansa.port_halt is 'Input ports that stand still, and why; gone once they go on';
create table hansa.dead_letter_done (
  topic text not null,
  record_offset bigint not null,
  outcome text not null,
  done_at timestamptz not null default now(),
  primary key (topic, record_offset)
);
comment on table hansa.dead_letter_done is 'Dead letters that were replayed or dropped';
insert into hansa.secret (name, value)
  values ('log', pg_catalog.uuid_send(pg_catalog.gen_random_uuid()));
)"},
                                               {4, migration_4},
                                               {5, migration_5}}};
static_assert(migrations.back().version == schema_version);

constexpr std::string_view first_step = R"(
create schema if not exists hansa;
create table hansa.schema_version (
  version integer primary key,
  applied_at timestamptz not null default now(),
  binary_version text not null
);
comment on schema hansa is 'Hansa''s own: records of ownership, keys, progress of loads';
)";

// A schema of that name which holds things but not Hansa's version is a stranger's.
void refuse_foreign_schema(Session& session) {
  auto const rows = session.execute(
      "select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n "
      "on n.oid = c.relnamespace where n.nspname = 'hansa'");
  if (rows.value(0, 0) != "0")
    throw Failure(Code::foreign_object, "schema hansa exists and was not made by Hansa",
                  "move it out of the way: alter schema hansa rename to ...");
}

}  // namespace

void migrate(Session& session) {
  if (own_schema_version(session) == schema_version) return;
  session.transaction([&session] {
    session.execute(fmt::format("select pg_catalog.pg_advisory_xact_lock({}, {})", advisory_class,
                                advisory_migrate));
    int const found = own_schema_version(session);
    if (found == 0) {
      refuse_foreign_schema(session);
      session.script(first_step);
    }
    for (Migration const& step : migrations) {
      if (step.version <= found) continue;
      session.script(step.sql);
      session.execute("insert into hansa.schema_version (version, binary_version) values ($1, $2)",
                      {std::to_string(step.version), HANSA_VERSION});
    }
  });
}

std::int64_t applied_revision(Session& session) {
  auto const known = session.execute("select to_regclass('hansa.applied') is not null");
  if (known.value(0, 0) != "t") return 0;
  auto const rows = session.execute("select coalesce(max(revision), 0) from hansa.applied");
  return std::stoll(std::string(rows.value(0, 0)));
}

std::string cursor_key(Session& session) {
  constexpr std::size_t key_bytes = 32;
  if (own_schema_version(session) == 0)
    throw Failure(Code::step_failed, "this database has no schema hansa yet",
                  "run hansa apply first");
  session.execute(
      "insert into hansa.secret (name, value) values ('cursor', pg_catalog.decode($1, 'hex')) "
      "on conflict (name) do nothing",
      {crypto::hex(crypto::sha256(crypto::random_bytes(key_bytes)))});
  auto const rows = session.execute(
      "select pg_catalog.encode(value, 'hex') from hansa.secret where name = 'cursor'");
  auto const hex = rows.value(0, 0);
  std::string key;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    key += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  return key;
}

}  // namespace hansa::delivery
