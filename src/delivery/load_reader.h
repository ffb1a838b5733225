// From a file to chunks of checked rows. Pure but for reading the file; one thread. Throws Failure:
// io_error while reading, load_failed for a header that does not fit the contract.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "delivery/file_window.h"
#include "delivery/load.h"
#include "delivery/load_chunk.h"

namespace hansa::delivery {

// Where an earlier run stopped; zeros for the start.
struct LoadPosition {
  std::uint64_t lines = 0, bytes = 0;
};

class LoadReader {
 public:
  virtual ~LoadReader() = default;
  // The next chunk, of at most chunk_rows rows and a few megabytes; false at the end of the file,
  // when `chunk` may still hold rows. What `chunk` held before is gone.
  bool next(LoadChunk& chunk);

 protected:
  LoadReader(OpenFile const& file, mesh::Object const& object, LoadOptions const& options,
             LoadPosition start);

  // Takes one record off the window into the chunk; the window is not empty.
  virtual void read_record(LoadChunk& chunk) = 0;

  void skip_byte_order_mark();
  // Advances and counts; the place of what was passed.
  FilePlace pass(std::size_t bytes, std::size_t lines);
  // The line ahead is over line_bytes_max: refused without being held.
  void reject_long_line(LoadChunk& chunk);

  FileWindow window_;
  RowWriter writer_;
  std::size_t line_bytes_max_;
  LoadPosition done_;

 private:
  std::size_t chunk_rows_;
};

// Reads the header of a CSV file at once. `start` may lie behind it.
[[nodiscard]] std::unique_ptr<LoadReader> make_reader(OpenFile const& file, LoadFormat format,
                                                      mesh::Object const& object,
                                                      LoadOptions const& options,
                                                      LoadPosition start);

}  // namespace hansa::delivery
