// For tests: what every source of events has to keep, whatever it reads from. A second source adds
// one line to INSTANTIATE_TEST_SUITE_P of source_contract_pg_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/source.h"

namespace hansa::events {

struct Written {
  std::string key;
  std::optional<std::string> value;  // nullopt: a tombstone
  std::int64_t timestamp_ms = 1;
  std::string id = {}, operation = {}, trace = {}, actor = {};  // headers; empty: absent
};

// A log that tests may write, and a source that reads it.
class SourceUnderTest {
 public:
  virtual ~SourceUnderTest() = default;
  virtual void create(std::string const& topic, std::int32_t partitions) = 0;
  virtual void destroy(std::string const& topic) = 0;
  // Behind what is there already.
  virtual void write(std::string const& topic, std::int32_t partition,
                     std::vector<Written> const& records) = 0;
  // As retention does; `offset` is where a write began.
  virtual void forget_before(std::string const& topic, std::int32_t partition,
                             std::int64_t offset) = 0;
  // A value of one field `n` in Avro, framed by a schema that readers can find.
  virtual std::string avro_value(std::int32_t n) = 0;
  virtual Source& source() = 0;
  // Another reader of the same log.
  virtual std::unique_ptr<SourceUnderTest> another() = 0;
};

using MakeSource = std::unique_ptr<SourceUnderTest> (*)();
[[nodiscard]] std::unique_ptr<SourceUnderTest> make_log_source();

}  // namespace hansa::events
