// Puts chunks into a table by COPY, piece by piece: a row that PostgreSQL refuses is found,
// rejected, and the rest loaded. Blocking; one session. Throws database errors that are no row's
// fault.
#pragma once

#include <cstdint>
#include <string>

#include "delivery/file_window.h"
#include "delivery/load_chunk.h"
#include "delivery/load_record.h"
#include "delivery/reject_file.h"
#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::delivery {

// What happens around one piece of work. `committed`: each is a transaction that also records how
// far the file is. `within`: the caller's transaction is open, and each piece is a savepoint in it.
enum class LoadPieces : std::uint8_t { committed, within };

class LoadWriter {
 public:
  struct Parts {  // all live longer than the writer; without rejects or records none are kept
    postgres::Session& session;
    OpenFile const& file;
    RejectFile* rejects;
    LoadRecords* records;
  };
  LoadWriter(Parts parts, DomainName const& domain, mesh::Object const& object, LoadPieces pieces,
             LoadRecord start, std::string file_name);

  // Loads what can be, rejects the rest.
  void write(LoadChunk& chunk);
  // The end of the file: the last state is recorded as finished, inside the caller's transaction or
  // in one of its own.
  void finish();

  [[nodiscard]] LoadRecord const& record() const { return record_; }
  // The first few reasons of this run, for messages: "line 3: price: ...".
  [[nodiscard]] std::vector<std::string> const& first_reasons() const { return first_reasons_; }

 private:
  void write_rows(LoadChunk& chunk, std::size_t first, std::size_t last);
  void copy_rows(LoadChunk const& chunk, std::size_t first, std::size_t last);
  void commit_piece(LoadChunk& chunk, std::size_t first, std::size_t last);
  void in_piece(std::function<void()> const& work);
  void save_rejects(LoadChunk const& chunk, std::uint64_t until);
  void advance_identity(LoadChunk const& chunk, std::size_t first, std::size_t last);
  std::optional<std::size_t> row_at_fault(LoadChunk const& chunk, std::size_t first,
                                          std::size_t last, postgres::SqlError const& error) const;
  void reject_row(LoadChunk& chunk, std::size_t row, postgres::SqlError const& error);
  std::string copy_statement(LoadStream const& stream) const;

  Parts parts_;
  mesh::Object const& object_;
  LoadPieces pieces_;
  LoadRecord record_;
  std::string file_name_, table_, identity_column_;
  std::optional<std::int64_t> identity_done_;  // the sequence is known to be behind this value
  std::size_t rejects_saved_ = 0;              // of the current chunk
  std::uint32_t stream_copied_ = 0;            // the stream of the COPY that runs
  std::vector<std::string> first_reasons_;
};

}  // namespace hansa::delivery
