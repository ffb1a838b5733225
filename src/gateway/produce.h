// Produce (API key 0): what clients send is checked, stored as it is, and answered when durable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "gateway/appender.h"
#include "gateway/call.h"
#include "gateway/topics.h"
#include "wire/produce.h"

namespace hansa::gateway {

class Broker;

// A request whose batches are checked; what was refused has its answer already.
struct PreparedProduce {
  struct Part {
    std::size_t topic = 0, partition = 0;  // places in `answer`
    std::size_t database = 0;
    Append append;
  };
  wire::ProduceResponse answer;
  std::vector<Part> parts;  // what is to be written
  std::int16_t acks = -1;
  std::shared_ptr<Topics const> topics;
};

// Reads and checks; nullopt where the bytes are no such request: the connection then ends. Large or
// compressed batches, and those whose records have rules, are checked by other threads.
async::Task<std::optional<PreparedProduce>> prepare_produce(Broker& broker, Call& call);
// Writes, and answers. Called in the order of the requests of a connection, it keeps that order.
async::Task<void> finish_produce(Broker& broker, Call& call, PreparedProduce prepared);

}  // namespace hansa::gateway
