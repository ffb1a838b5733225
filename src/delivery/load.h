// Bulk loading of a file into a table: `hansa load products/v1/product FILE`. Blocking.
//
// Lines are checked against the contract here and copied in chunks, one transaction each, together
// with a record of how far the file is done: a load that was killed goes on behind its last chunk.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "mesh/mesh.h"
#include "postgres/session.h"

namespace hansa::delivery {

enum class LoadFormat : std::uint8_t { by_extension, csv, ndjson };

struct LoadProgress {
  std::uint64_t bytes_done = 0, bytes_total = 0;
  std::uint64_t rows_loaded = 0, lines_rejected = 0;
};

struct LoadOptions {
  LoadFormat format = LoadFormat::by_extension;
  bool atomic = false;                // all or nothing; one transaction
  bool restart = false;               // forget an earlier load of this file, finished or not
  bool no_events = false;             // history: its rows feed no topic, now or later
  std::filesystem::path reject_file;  // empty: FILE.rejected beside the file
  std::size_t chunk_rows = 10'000;
  std::size_t line_bytes_max = 1U << 20U;
  std::function<void(LoadProgress const&)> progress = [](LoadProgress const&) {};
  std::atomic<bool> const* interrupted = nullptr;  // asked between chunks
};

struct LoadReport {
  std::uint64_t rows_loaded = 0;         // by this run
  std::uint64_t rows_loaded_before = 0;  // by an earlier, interrupted run of the same file
  std::uint64_t lines_rejected = 0;  // by this and earlier runs; for atomic, why nothing was loaded
  std::filesystem::path reject_file;  // empty when nothing was rejected
  bool finished = true;               // false: interrupted
  bool already_loaded = false;        // the very file was loaded before; nothing done
  bool no_events = false;             // as asked: rows of this run made no events
};

// CSV: RFC 4180, UTF-8 with or without BOM, first line names columns of the contract in any order;
// an empty unquoted field is NULL (or the default), "" is the empty string. NDJSON: one object a
// line. Rejected lines go to the reject file as CSV: line, reason, raw text. Identities advance
// past the largest explicit value. `session` logs in as a role that may become the domain's runtime
// role; for no_events also as a member of the role that applied the mesh, which owns the log.
// Throws Failure: unknown_object, unreadable_file, load_failed, insufficient_privilege, database
// errors.
[[nodiscard]] LoadReport load(mesh::Mesh const& mesh, mesh::Served const& table,
                              postgres::Target const& target, std::filesystem::path const& file,
                              LoadOptions const& options);

}  // namespace hansa::delivery
