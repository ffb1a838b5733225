// OffsetCommit, OffsetFetch, OffsetDelete: how far groups have read. Those of input ports are
// shown, and changed by nobody but their reactions.
#include "gateway/group_store.h"
#include "gateway/handlers.h"
#include "json/value.h"
#include "wire/offsets.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

constexpr std::size_t metadata_bytes_max = 4'096;  // offset.metadata.max.bytes

wire::OffsetCommitResponse all_with(wire::OffsetCommitRequest const& request, KafkaError error) {
  wire::OffsetCommitResponse response;
  for (auto const& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (auto const& partition : topic.partitions)
      out.partitions.push_back({partition.index, error});
  }
  return response;
}

}  // namespace

async::Task<void> answer_offset_commit(Broker& broker, Call& call) {
  auto const request = request_of<wire::OffsetCommitRequest>(call);
  if (!request) co_return;
  auto error = KafkaError::not_coordinator;
  if (broker.is_port(request->group)) {
    error = KafkaError::group_authorization_failed;
  } else if (broker.leadership().held) {
    error = broker.coordinator().groups().may_commit(request->group, request->generation,
                                                     request->member, request->instance,
                                                     std::chrono::steady_clock::now());
    broker.coordinator().settle();
  }
  auto response = all_with(*request, error);
  if (error == KafkaError::none) {
    auto const topics = broker.topics();
    std::vector<OffsetCommit> commits;
    for (std::size_t t = 0; t < request->topics.size(); ++t) {
      auto const* const known = topics->find(request->topics[t].name);
      for (std::size_t p = 0; p < request->topics[t].partitions.size(); ++p) {
        auto const& each = request->topics[t].partitions[p];
        auto& answer = response.topics[t].partitions[p];
        if (known == nullptr || each.index < 0 || each.index >= known->partitions)
          answer.error = KafkaError::unknown_topic_or_partition;
        else if (each.metadata && each.metadata->size() > metadata_bytes_max)
          answer.error = KafkaError::offset_metadata_too_large;
        else
          commits.push_back({.group = request->group,
                             .topic = known->name,
                             .partition = each.index,
                             .offset = each.offset,
                             .leader_epoch = each.leader_epoch,
                             .metadata = each.metadata.value_or("")});
      }
    }
    if (!commits.empty()) error = co_await broker.writer(0).commit(std::move(commits));
    if (error != KafkaError::none) response = all_with(*request, error);
  }
  for (auto const& topic : response.topics)
    for (auto const& partition : topic.partitions) call.note(partition.error);
  respond(call, response);
}

namespace {

wire::OffsetFetchResponse::Group group_answer(wire::OffsetFetchRequest::Group const& asked,
                                              CommittedOffsets const& offsets) {
  wire::OffsetFetchResponse::Group out;
  out.name = asked.name;
  auto const one = [](std::int32_t index, CommittedOffset const* found) {
    wire::OffsetFetchResponse::Partition partition;
    partition.index = index;
    partition.metadata = "";
    if (found != nullptr) {
      partition.offset = found->offset;
      partition.leader_epoch = found->leader_epoch;
      partition.metadata = found->metadata;
    }
    return partition;
  };
  if (!asked.topics) {
    for (auto const& [place, offset] : offsets) {
      if (out.topics.empty() || out.topics.back().name != place.first)
        out.topics.push_back({.name = place.first});
      out.topics.back().partitions.push_back(one(place.second, &offset));
    }
    return out;
  }
  for (auto const& topic : *asked.topics) {
    auto& each = out.topics.emplace_back();
    each.name = topic.name;
    for (std::int32_t const partition : topic.partitions) {
      auto const found = offsets.find({topic.name, partition});
      each.partitions.push_back(one(partition, found == offsets.end() ? nullptr : &found->second));
    }
  }
  return out;
}

}  // namespace

async::Task<void> answer_offset_fetch(Broker& broker, Call& call) {
  auto const request = request_of<wire::OffsetFetchRequest>(call);
  if (!request) co_return;
  wire::OffsetFetchResponse response;
  for (auto const& group : request->groups) {
    if (!broker.leadership().held) {
      auto none = group_answer(group, {});
      none.error = KafkaError::not_coordinator;
      for (auto& topic : none.topics)
        for (auto& partition : topic.partitions) partition.error = none.error;
      response.groups.push_back(std::move(none));
    } else {
      response.groups.push_back(
          group_answer(group, co_await committed_offsets(broker, group.name)));
    }
    call.note(response.groups.back().error);
  }
  respond(call, response);
}

async::Task<void> answer_offset_delete(Broker& broker, Call& call) {
  auto const request = request_of<wire::OffsetDeleteRequest>(call);
  if (!request) co_return;
  wire::OffsetDeleteResponse response;
  auto const* const group = broker.coordinator().groups().find(request->group);
  if (!broker.leadership().held)
    response.error = KafkaError::not_coordinator;
  else if (broker.is_port(request->group))
    response.error = KafkaError::group_authorization_failed;
  else if (group != nullptr && !group->members.empty())
    response.error = KafkaError::non_empty_group;
  else if ((co_await committed_offsets(broker, request->group)).empty())
    response.error = KafkaError::group_id_not_found;
  if (response.error == KafkaError::none) {
    json::Array places;
    for (auto const& topic : request->topics) {
      auto& out = response.topics.emplace_back();
      out.name = topic.name;
      for (std::int32_t const partition : topic.partitions) {
        out.partitions.push_back({partition, KafkaError::none});
        places.push_back(json::array({json::text(topic.name), json::integer(partition)}));
      }
    }
    co_await delete_offsets(broker, request->group, json::to_text(json::array(std::move(places))));
  }
  call.note(response.error);
  respond(call, response);
}

}  // namespace hansa::gateway
