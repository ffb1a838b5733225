// For tests: a database with a log that is written by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "events/source_contract.h"
#include "postgres/scratch.h"

namespace hansa::events {

class TestLog {
 public:
  TestLog();
  void create(std::string const& topic, std::int32_t partitions);
  void write(std::string const& topic, std::int32_t partition, std::vector<Written> const& records);
  void forget_before(std::string const& topic, std::int32_t partition, std::int64_t offset);
  [[nodiscard]] postgres::Session open() const { return postgres::Session::open(scratch.target()); }
  [[nodiscard]] std::string one(std::string const& sql);

  postgres::ScratchDatabase scratch;
  postgres::Session session;
};

}  // namespace hansa::events
