#include "delivery/load_record.h"

#include <charconv>

#include "base/result.h"

namespace hansa::delivery {
namespace {

std::uint64_t number(postgres::Rows const& rows, std::size_t column) {
  auto const text = rows.value(0, column);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Held until the session ends, so that PostgreSQL itself lets go of what a killed process held.
void take_lock(postgres::Session& session, std::string const& what) {
  session.execute("set lock_timeout = '5s'");
  try {
    session.execute("select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended($1, 0))",
                    {"hansa.load " + what});
  } catch (postgres::SqlError const& error) {
    if (error.sqlstate() != "55P03") throw;
    throw Failure(Code::load_failed, "another load of this file into this table is running",
                  "wait for it, or end it and run this again: it goes on where that one stops");
  }
  session.execute("reset lock_timeout");
}

}  // namespace

LoadRecords::LoadRecords(postgres::Session& session, std::string const& domain, std::string target,
                         std::string digest)
    : session_(session),
      table_("hansa." + postgres::quote_name("load_" + domain)),
      target_(std::move(target)),
      digest_(std::move(digest)) {
  take_lock(session_, target_ + " " + digest_);
}

std::optional<LoadRecord> LoadRecords::find() {
  auto const rows =
      session_.execute("select line_done, byte_done, rows_loaded, lines_rejected, finished from " +
                           table_ + " where target = $1 and digest = $2",
                       {target_, digest_});
  if (rows.size() == 0) return std::nullopt;
  return LoadRecord{number(rows, 0), number(rows, 1), number(rows, 2), number(rows, 3),
                    rows.value(0, 4) == "t"};
}

void LoadRecords::forget() {
  session_.execute("delete from " + table_ + " where target = $1 and digest = $2",
                   {target_, digest_});
}

void LoadRecords::save(LoadRecord const& record, std::string const& file) {
  session_.execute(
      "insert into " + table_ +
          " as l (target, digest, file, line_done, byte_done, rows_loaded, lines_rejected, "
          "finished)"
          " values ($1, $2, $3, $4, $5, $6, $7, $8)"
          " on conflict (target, digest) do update set file = excluded.file,"
          " line_done = excluded.line_done, byte_done = excluded.byte_done,"
          " rows_loaded = excluded.rows_loaded, lines_rejected = excluded.lines_rejected,"
          " finished = excluded.finished, updated_at = pg_catalog.now()",
      {target_, digest_, file, std::to_string(record.line_done), std::to_string(record.byte_done),
       std::to_string(record.rows_loaded), std::to_string(record.lines_rejected),
       record.finished ? "true" : "false"});
}

}  // namespace hansa::delivery
