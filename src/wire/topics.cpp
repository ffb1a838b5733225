#include "wire/topics.h"

#include "wire/layout.h"

namespace hansa::wire {
namespace {

template <class Io>
void fields(Io& io, CreateTopicsRequest& m, std::int16_t version) {
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io(topic.partitions);
    io(topic.replication_factor);
    io.array(topic.assignments, [&](auto& each) {
      io(each.partition);
      io(each.brokers);
      io.end();
    });
    io.array(topic.configs, [&](auto& each) {
      io(each.name);
      io(each.value);
      io.end();
    });
    io.end();
  });
  io(m.timeout_ms);
  if (version >= 1) io(m.validate_only);
  io.end();
}

template <class Io>
void fields(Io& io, CreateTopicsResponse& m, std::int16_t version) {
  if (version >= 2) io(m.throttle_ms);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    if (version >= 7) io(topic.id);
    io(topic.error);
    if (version >= 1) io(topic.error_message);
    if (version >= 5) {
      io(topic.partitions);
      io(topic.replication_factor);
      auto const config = [&](auto& each) {
        io(each.name);
        io(each.value);
        io(each.read_only);
        io(each.source);
        io(each.sensitive);
        io.end();
      };
      io.array(topic.configs, config);
    }
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, DeleteTopicsRequest& m, std::int16_t) {
  io(m.topics);
  io(m.timeout_ms);
  io.end();
}

template <class Io>
void errors(Io& io, std::vector<TopicError>& topics, bool with_message) {
  io.array(topics, [&](auto& each) {
    io(each.name);
    io(each.error);
    if (with_message) io(each.message);
    io.end();
  });
}

template <class Io>
void fields(Io& io, DeleteTopicsResponse& m, std::int16_t version) {
  if (version >= 1) io(m.throttle_ms);
  errors(io, m.topics, version >= 5);
  io.end();
}

template <class Io>
void fields(Io& io, CreatePartitionsRequest& m, std::int16_t) {
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io(topic.count);
    auto const assignment = [&](auto& each) {
      io(each.brokers);
      io.end();
    };
    io.array(topic.assignments, assignment);
    io.end();
  });
  io(m.timeout_ms);
  io(m.validate_only);
  io.end();
}

template <class Io>
void fields(Io& io, CreatePartitionsResponse& m, std::int16_t) {
  io(m.throttle_ms);
  errors(io, m.topics, true);
  io.end();
}

template <class Io>
void fields(Io& io, DeleteRecordsRequest& m, std::int16_t) {
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      io(each.offset);
      io.end();
    });
    io.end();
  });
  io(m.timeout_ms);
  io.end();
}

template <class Io>
void fields(Io& io, DeleteRecordsResponse& m, std::int16_t) {
  io(m.throttle_ms);
  io.array(m.topics, [&](auto& topic) {
    io(topic.name);
    io.array(topic.partitions, [&](auto& each) {
      io(each.index);
      io(each.low_watermark);
      io(each.error);
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, DescribeConfigsRequest& m, std::int16_t version) {
  io.array(m.resources, [&](auto& each) {
    io(each.type);
    io(each.name);
    io(each.names);
    io.end();
  });
  io(m.synonyms);
  if (version >= 3) io(m.documentation);
  io.end();
}

template <class Io>
void fields(Io& io, DescribeConfigsResponse& m, std::int16_t version) {
  io(m.throttle_ms);
  io.array(m.resources, [&](auto& resource) {
    io(resource.error);
    io(resource.error_message);
    io(resource.type);
    io(resource.name);
    io.array(resource.configs, [&](auto& config) {
      io(config.name);
      io(config.value);
      io(config.read_only);
      io(config.source);
      io(config.sensitive);
      io.array(config.synonyms, [&](auto& each) {
        io(each.name);
        io(each.value);
        io(each.source);
        io.end();
      });
      if (version >= 3) {
        io(config.type);
        io(config.documentation);
      }
      io.end();
    });
    io.end();
  });
  io.end();
}

template <class Io>
void fields(Io& io, AlterConfigsRequest& m, std::int16_t) {
  io.array(m.resources, [&](auto& resource) {
    io(resource.type);
    io(resource.name);
    io.array(resource.configs, [&](auto& each) {
      io(each.name);
      io(each.value);
      io.end();
    });
    io.end();
  });
  io(m.validate_only);
  io.end();
}

template <class Io>
void fields(Io& io, IncrementalAlterConfigsRequest& m, std::int16_t) {
  io.array(m.resources, [&](auto& resource) {
    io(resource.type);
    io(resource.name);
    io.array(resource.configs, [&](auto& each) {
      io(each.name);
      io(each.operation);
      io(each.value);
      io.end();
    });
    io.end();
  });
  io(m.validate_only);
  io.end();
}

template <class Io>
void errors(Io& io, std::vector<ResourceError>& resources) {
  io.array(resources, [&](auto& each) {
    io(each.error);
    io(each.message);
    io(each.type);
    io(each.name);
    io.end();
  });
}

template <class Io>
void fields(Io& io, AlterConfigsResponse& m, std::int16_t) {
  io(m.throttle_ms);
  errors(io, m.resources);
  io.end();
}

template <class Io>
void fields(Io& io, IncrementalAlterConfigsResponse& m, std::int16_t) {
  io(m.throttle_ms);
  errors(io, m.resources);
  io.end();
}

}  // namespace

HANSA_MESSAGE(CreateTopicsRequest)
HANSA_MESSAGE(CreateTopicsResponse)
HANSA_MESSAGE(DeleteTopicsRequest)
HANSA_MESSAGE(DeleteTopicsResponse)
HANSA_MESSAGE(CreatePartitionsRequest)
HANSA_MESSAGE(CreatePartitionsResponse)
HANSA_MESSAGE(DeleteRecordsRequest)
HANSA_MESSAGE(DeleteRecordsResponse)
HANSA_MESSAGE(DescribeConfigsRequest)
HANSA_MESSAGE(DescribeConfigsResponse)
HANSA_MESSAGE(AlterConfigsRequest)
HANSA_MESSAGE(AlterConfigsResponse)
HANSA_MESSAGE(IncrementalAlterConfigsRequest)
HANSA_MESSAGE(IncrementalAlterConfigsResponse)

}  // namespace hansa::wire
