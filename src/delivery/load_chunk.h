// A chunk of a file on its way into a table: rows in COPY's text format, and lines that were
// refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesh/mesh.h"
#include "types/reader.h"

namespace hansa::delivery {

// Where a record stands in its file.
struct FilePlace {
  std::uint64_t line = 0;            // from 1
  std::uint64_t begin = 0, end = 0;  // bytes, with the end of the line
};

struct LoadRow {
  FilePlace place;
  std::uint32_t stream = 0;              // index into LoadChunk::streams
  std::size_t at = 0, bytes = 0;         // in the stream's data
  std::optional<std::int64_t> identity;  // its explicit value of the identity column
};

struct RejectedLine {
  FilePlace place;
  std::string reason;
};

// Rows that give the same columns, and leave the same others to their defaults: one COPY.
struct LoadStream {
  std::vector<bool> given;  // by column of the table
  std::string data;
};

struct LoadChunk {
  std::vector<LoadStream> streams;
  std::vector<LoadRow> rows;  // in the order of the file, as are the rejects
  std::vector<RejectedLine> rejects;
  std::uint64_t lines_end = 0;  // lines of the file done with this chunk
  std::uint64_t bytes_end = 0;  // likewise bytes

  [[nodiscard]] std::size_t data_bytes() const;
};

// Writes values of one table's columns into chunks. One thread; borrows the object.
class RowWriter {
 public:
  explicit RowWriter(mesh::Object const& object);

  [[nodiscard]] std::size_t columns() const { return columns_.size(); }
  [[nodiscard]] mesh::Column const& column(std::size_t index) const {
    return *columns_[index].column;
  }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // Whether a row may leave the column out: it has a default, or may be NULL.
  [[nodiscard]] bool may_be_absent(std::size_t index) const;
  [[nodiscard]] bool has_default(std::size_t index) const { return columns_[index].has_default; }

  // A row is begun with the columns it gives, filled in the order of the columns, then ended;
  // abandon() takes back what was written of it.
  void begin(LoadChunk& chunk, std::vector<bool> const& given);
  // The next value: false, with a reason that names the column, if it is refused.
  bool add_text(std::size_t index, std::string_view text);
  bool add_json(std::size_t index, json::Value const& value);
  bool add_null(std::size_t index);
  void end(FilePlace const& place);
  void abandon();
  [[nodiscard]] std::string const& reason() const { return reason_; }

 private:
  struct Target {
    mesh::Column const* column;
    types::Reader reader;
    bool has_default;
    bool escaped;  // its text may hold what COPY's format has to escape
  };
  std::string& start_value();
  template <class Read>
  bool add(std::size_t index, Read read);

  std::vector<Target> columns_;
  LoadChunk* chunk_ = nullptr;
  LoadRow row_;
  bool first_ = true;  // no value of the row is written yet
  std::string reason_;
};

}  // namespace hansa::delivery
