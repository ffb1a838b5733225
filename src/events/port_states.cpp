#include "events/port_states.h"

#include <algorithm>

#include "events/reactor.h"
#include "log/decimal_text.h"

namespace hansa::events {
namespace {

using log::to_number;

constexpr std::string_view read_places =
    "select partition, next_offset, (extract(epoch from updated_at) * 1000)::bigint, cluster "
    "from hansa.consumer_offset where consumer_group = $1 and topic = $2";
constexpr std::string_view read_halt =
    "select partition, next_offset, sqlstate, reason, (extract(epoch from since) * 1000)::bigint, "
    "(extract(epoch from tried_at) * 1000)::bigint from hansa.port_halt where consumer_group = $1";
// A number of the second half is printed as PostgreSQL keeps it, without a sign.
constexpr std::string_view read_lease =
    "select count(*) from pg_locks where locktype = 'advisory' and granted and objsubid = 2 "
    "and classid = $1::oid and objid = (pg_catalog.hashtext($2)::bigint & 4294967295)::oid "
    "and database = (select oid from pg_database where datname = current_database())";

}  // namespace

std::int64_t PartitionState::lag() const {
  return std::max<std::int64_t>(0, bounds.next - std::max(place.value_or(0), bounds.start));
}

std::int64_t PartitionState::lost() const {
  return place ? std::max<std::int64_t>(0, bounds.start - *place) : 0;
}

PortState port_state(mesh::Subscription const& port, Source& source, postgres::Session& session) {
  PortState state{.port = &port};
  source.refresh({&port.topic, 1});
  auto const count = source.partitions(port.topic);
  for (std::int32_t partition = 0; partition < count; ++partition)
    state.partitions.push_back(
        {.partition = partition, .bounds = source.bounds(port.topic, partition)});

  auto const identity = source.identity(port.topic);
  auto const places = session.execute(read_places, {port.group, port.topic});
  for (std::size_t row = 0; row < places.size(); ++row) {
    auto const partition = to_number<std::int32_t>(places.value(row, 0));
    if (partition < 0 || partition >= count) continue;
    auto& of = state.partitions[static_cast<std::size_t>(partition)];
    of.place = to_number<std::int64_t>(places.value(row, 1));
    of.moved_ms = to_number<std::int64_t>(places.value(row, 2));
    if (places.value(row, 3) != identity) state.other_log = true;
  }

  auto const halts = session.execute(read_halt, {port.group});
  if (halts.size() > 0)
    state.halt = HaltState{.partition = to_number<std::int32_t>(halts.value(0, 0)),
                           .offset = to_number<std::int64_t>(halts.value(0, 1)),
                           .sqlstate = std::string(halts.value(0, 2)),
                           .reason = std::string(halts.value(0, 3)),
                           .since_ms = to_number<std::int64_t>(halts.value(0, 4)),
                           .tried_ms = to_number<std::int64_t>(halts.value(0, 5))};

  auto const lease = session.execute(read_lease, {std::to_string(lease_class), port.group});
  state.at_work = lease.value(0, 0) != "0";
  return state;
}

}  // namespace hansa::events
