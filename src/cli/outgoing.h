// Lines that become the records of a topic: as the topic's contract says, or, where no contract
// knows the topic, as they stand. Confined to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "mesh/mesh.h"

namespace hansa::cli {

struct OutgoingRecord {
  std::optional<std::string> key;
  std::string value;
};

// Where a record's key comes from, the first that is there: `fixed`; the member `of` of its value;
// the key its contract declares.
struct KeyRule {
  std::optional<std::string> fixed, of;
};

class OutgoingForm {
 public:
  // `topic`: nullptr for one that no contract knows. `schema_id`: in the registry; of topics in
  // Avro. Borrows the mesh.
  OutgoingForm(mesh::Mesh const& mesh, mesh::Topic const* topic, std::uint32_t schema_id,
               KeyRule key);
  ~OutgoingForm();

  // Error: invalid_record, which says why the topic would not take it.
  [[nodiscard]] Result<OutgoingRecord> record(std::string_view line) const;

 private:
  struct Contract;
  [[nodiscard]] Result<std::optional<std::string>> key_of(
      json::Value const* value, std::vector<std::optional<std::string>> const& fields) const;

  std::unique_ptr<Contract> contract_;
  KeyRule key_;
};

// Lines of at most `bytes_max` bytes, without "\n" or "\r\n".
class BoundedLines {
 public:
  BoundedLines(std::istream& from, std::size_t bytes_max) : from_(from), bytes_max_(bytes_max) {}

  // False at the end. Error: value_over_limit.
  [[nodiscard]] Result<bool> next(std::string& line);
  [[nodiscard]] std::uint64_t number() const { return number_; }  // of the last one, from 1

 private:
  std::istream& from_;
  std::size_t bytes_max_;
  std::uint64_t number_ = 0;
};

}  // namespace hansa::cli
