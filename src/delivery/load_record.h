// The record of a load in hansa.load_<domain>: how far a file, known by its digest, is in a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "postgres/session.h"

namespace hansa::delivery {

struct LoadRecord {
  std::uint64_t line_done = 0, byte_done = 0, rows_loaded = 0, lines_rejected = 0;
  bool finished = false;
};

// Statements on one file's record. One session, which lives longer.
class LoadRecords {
 public:
  // `target`: "products/v1/product". Throws load_failed when another session loads the file, after
  // waiting a few seconds for what a killed process may have left running.
  LoadRecords(postgres::Session& session, std::string const& domain, std::string target,
              std::string digest);

  [[nodiscard]] std::optional<LoadRecord> find();
  void forget();
  // Within the caller's transaction.
  void save(LoadRecord const& record, std::string const& file);

 private:
  postgres::Session& session_;
  std::string table_, target_, digest_;
};

}  // namespace hansa::delivery
