#include "gateway/group_store.h"

#include <set>

#include "log/decimal_text.h"

namespace hansa::gateway {
namespace {

using log::to_number;
using postgres::Session;

constexpr std::string_view read_offsets = R"(
select topic, partition, next_offset, leader_epoch, encode(metadata, 'hex') from hansa.group_offset
where consumer_group = $1
union all
select topic, partition, next_offset, -1, encode('input port', 'hex') from hansa.consumer_offset
where consumer_group = $1)";
constexpr std::string_view read_groups =
    "select distinct consumer_group from hansa.group_offset "
    "union select distinct consumer_group from hansa.consumer_offset";
constexpr std::string_view delete_places = R"(
delete from hansa.group_offset o using json_array_elements($2::json) as w (place)
where o.consumer_group = $1 and o.topic = w.place ->> 0
  and o.partition = (w.place ->> 1)::int)";

std::string from_hex(std::string_view text) {
  auto const digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  return out;
}

}  // namespace

async::Task<CommittedOffsets> committed_offsets(Broker& broker, std::string group) {
  CommittedOffsets all;
  for (std::size_t i = 0; i < broker.databases(); ++i) {
    std::function<CommittedOffsets(Session&)> const work = [group](Session& session) {
      CommittedOffsets offsets;
      auto const rows = session.execute(read_offsets, {group});
      for (std::size_t at = 0; at < rows.size(); ++at)
        offsets[{std::string(rows.value(at, 0)), to_number<std::int32_t>(rows.value(at, 1))}] = {
            .offset = to_number<std::int64_t>(rows.value(at, 2)),
            .leader_epoch = to_number<std::int32_t>(rows.value(at, 3)),
            .metadata = from_hex(rows.value(at, 4))};
      return offsets;
    };
    all.merge(co_await broker.reader(i).run<CommittedOffsets>(work));
  }
  co_return all;
}

async::Task<std::vector<std::string>> groups_with_offsets(Broker& broker) {
  std::set<std::string> all;
  for (std::size_t i = 0; i < broker.databases(); ++i) {
    std::function<std::set<std::string>(Session&)> const work = [](Session& session) {
      std::set<std::string> names;
      auto const rows = session.execute(read_groups);
      for (std::size_t at = 0; at < rows.size(); ++at) names.emplace(rows.value(at, 0));
      return names;
    };
    all.merge(co_await broker.reader(i).run<std::set<std::string>>(work));
  }
  co_return std::vector<std::string>(all.begin(), all.end());
}

async::Task<void> delete_offsets(Broker& broker, std::string group, std::string places) {
  std::function<bool(Session&)> const work = [group, places](Session& session) {
    if (places.empty())
      session.execute("delete from hansa.group_offset where consumer_group = $1", {group});
    else
      session.execute(delete_places, {group, places});
    return true;
  };
  co_await broker.writer(0).run<bool>(work);
}

}  // namespace hansa::gateway
