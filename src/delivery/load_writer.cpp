#include "delivery/load_writer.h"

#include <algorithm>
#include <charconv>

namespace hansa::delivery {
namespace {

using postgres::quote_name;
using postgres::SqlError;

constexpr std::size_t text_shown_max = std::size_t{64} << 10U;  // of a rejected line
constexpr std::size_t reasons_max = 5;
constexpr int tries_max = 5;  // of a piece that PostgreSQL asks to try again

// Errors that the values of a row can cause, and no other row, time or machine: data exceptions,
// violated constraints, a trigger's own `no`, an index entry that is too large.
bool is_fault_of_row(std::string_view sqlstate) {
  return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate == "P0001" ||
         sqlstate == "54000";
}

bool is_worth_another_try(std::string_view sqlstate) { return sqlstate.starts_with("40"); }

// The number in "COPY product, line 12, column price: ..."; 0 if the context has none.
std::size_t line_in_copy(std::string_view context, std::string_view table) {
  auto const prefix = "COPY " + std::string(table) + ", line ";
  auto at = context.starts_with(prefix) ? 0 : context.find("\n" + prefix);
  if (at == std::string_view::npos) return 0;
  if (context[at] == '\n') ++at;
  auto const number = context.substr(at + prefix.size());
  std::size_t line = 0;
  std::from_chars(number.data(), number.data() + number.size(), line);
  return line;
}

}  // namespace

LoadWriter::LoadWriter(Parts parts, DomainName const& domain, mesh::Object const& object,
                       LoadPieces pieces, LoadRecord start, std::string file_name)
    : parts_(parts),
      object_(object),
      pieces_(pieces),
      record_(start),
      file_name_(std::move(file_name)),
      table_(quote_name(mesh::store_schema(domain)) + "." + quote_name(object.physical_name)) {
  for (auto const& column : object.columns)
    if (column.identity) identity_column_ = column.physical_name;
}

std::string LoadWriter::copy_statement(LoadStream const& stream) const {
  std::string columns;
  for (std::size_t i = 0; i < stream.given.size(); ++i)
    if (stream.given[i])
      columns += (columns.empty() ? "" : ", ") + quote_name(object_.columns[i].physical_name);
  return "copy " + table_ + " (" + columns + ") from stdin";
}

void LoadWriter::copy_rows(LoadChunk const& chunk, std::size_t first, std::size_t last) {
  for (stream_copied_ = 0; stream_copied_ < chunk.streams.size(); ++stream_copied_) {
    // The rows of one stream lie in its data one behind the other.
    std::size_t begin = 0, end = 0;
    for (std::size_t i = first; i < last; ++i) {
      auto const& row = chunk.rows[i];
      if (row.stream != stream_copied_) continue;
      if (end == 0) begin = row.at;
      end = row.at + row.bytes;
    }
    if (end == 0) continue;
    auto const& stream = chunk.streams[stream_copied_];
    parts_.session.copy_begin(copy_statement(stream));
    parts_.session.copy_write(std::string_view(stream.data).substr(begin, end - begin));
    parts_.session.copy_end();
  }
}

// setval does not go back with a rollback, so it runs before the commit it belongs to; a sequence
// that is further than that already stays where it is, at the price of one skipped number.
void LoadWriter::advance_identity(LoadChunk const& chunk, std::size_t first, std::size_t last) {
  std::optional<std::int64_t> largest;
  for (std::size_t i = first; i < last; ++i)
    if (chunk.rows[i].identity) largest = std::max(largest, chunk.rows[i].identity);
  if (!largest || *largest < 1 || (identity_done_ && *identity_done_ >= *largest)) return;
  parts_.session.execute(
      "select case when s.v < $3::bigint then pg_catalog.setval(s.name, $3::bigint) end from ("
      "select q.name, pg_catalog.nextval(q.name) as v from (select "
      "pg_catalog.pg_get_serial_sequence("
      "$1, $2)::regclass as name) q where q.name is not null) s",
      {table_, identity_column_, std::to_string(*largest)});
  identity_done_ = largest;
}

void LoadWriter::save_rejects(LoadChunk const& chunk, std::uint64_t until) {
  for (; rejects_saved_ < chunk.rejects.size(); ++rejects_saved_) {
    auto const& reject = chunk.rejects[rejects_saved_];
    if (reject.place.begin >= until) break;
    if (parts_.rejects != nullptr)
      parts_.rejects->add(reject.place.line, reject.reason,
                          parts_.file.text(reject.place.begin, reject.place.end, text_shown_max));
    ++record_.lines_rejected;
    if (first_reasons_.size() < reasons_max)
      first_reasons_.push_back("line " + std::to_string(reject.place.line) + ": " + reject.reason);
  }
  if (parts_.rejects != nullptr) parts_.rejects->flush();
}

void LoadWriter::in_piece(std::function<void()> const& work) {
  if (pieces_ == LoadPieces::committed) return parts_.session.transaction(work);
  parts_.session.script("savepoint piece");
  try {
    work();
  } catch (...) {
    parts_.session.copy_abort("the piece failed");
    parts_.session.script("rollback to savepoint piece");
    throw;
  }
  parts_.session.script("release savepoint piece");
}

// Rows [first, last) and how far the file is with them, in one transaction. Rejected lines are on
// the disk before: at worst the file holds more of them than the record counts, and the next run
// cuts it.
void LoadWriter::commit_piece(LoadChunk& chunk, std::size_t first, std::size_t last) {
  auto after = record_;
  bool const whole = last == chunk.rows.size();
  after.line_done = whole ? chunk.lines_end : chunk.rows[last].place.line - 1;
  after.byte_done = whole ? chunk.bytes_end : chunk.rows[last].place.begin;
  after.rows_loaded += last - first;
  auto const pending = std::count_if(
      chunk.rejects.begin() + static_cast<std::ptrdiff_t>(rejects_saved_), chunk.rejects.end(),
      [&](RejectedLine const& reject) { return reject.place.begin < after.byte_done; });
  after.lines_rejected += static_cast<std::uint64_t>(pending);
  in_piece([&] {
    copy_rows(chunk, first, last);
    // Deferred constraints speak now, before anything is written outside of PostgreSQL.
    parts_.session.script("set constraints all immediate");
    if (!identity_column_.empty()) advance_identity(chunk, first, last);
    save_rejects(chunk, after.byte_done);
    if (parts_.records != nullptr && pieces_ == LoadPieces::committed)
      parts_.records->save(after, file_name_);
  });
  record_ = after;
}

std::optional<std::size_t> LoadWriter::row_at_fault(LoadChunk const& chunk, std::size_t first,
                                                    std::size_t last, SqlError const& error) const {
  if (last - first == 1) return first;
  auto line = line_in_copy(error.details().context, object_.physical_name);
  if (line == 0) return std::nullopt;
  for (std::size_t i = first; i < last; ++i)
    if (chunk.rows[i].stream == stream_copied_ && --line == 0) return i;
  return std::nullopt;
}

void LoadWriter::reject_row(LoadChunk& chunk, std::size_t row, SqlError const& error) {
  auto const& details = error.details();
  auto reason = details.message;
  if (!details.detail.empty()) reason += ": " + details.detail;
  RejectedLine reject{chunk.rows[row].place, std::move(reason)};
  auto const behind = [](RejectedLine const& a, RejectedLine const& b) {
    return a.place.begin < b.place.begin;
  };
  chunk.rejects.insert(std::upper_bound(chunk.rejects.begin(), chunk.rejects.end(), reject, behind),
                       reject);
}

// Tries all at once. When a row is at fault and PostgreSQL names it, what stands before it goes in,
// it is rejected, and the rest is tried; where none is named, as at a foreign key, halves are.
void LoadWriter::write_rows(LoadChunk& chunk, std::size_t first, std::size_t last) {
  for (int tries = 1; first < last;) {
    try {
      return commit_piece(chunk, first, last);
    } catch (SqlError const& error) {
      if (is_worth_another_try(error.sqlstate()) && tries++ < tries_max) continue;
      if (!is_fault_of_row(error.sqlstate())) throw;
      auto const fault = row_at_fault(chunk, first, last, error);
      if (!fault) {
        auto const middle = first + (last - first) / 2;
        write_rows(chunk, first, middle);
        first = middle;
        continue;
      }
      write_rows(chunk, first, *fault);
      reject_row(chunk, *fault, error);
      first = *fault + 1;
    }
  }
}

void LoadWriter::write(LoadChunk& chunk) {
  rejects_saved_ = 0;
  if (parts_.rejects != nullptr) parts_.rejects->settle();
  write_rows(chunk, 0, chunk.rows.size());
  if (record_.byte_done < chunk.bytes_end || rejects_saved_ < chunk.rejects.size())
    commit_piece(chunk, chunk.rows.size(), chunk.rows.size());
}

void LoadWriter::finish() {
  if (parts_.rejects != nullptr) parts_.rejects->settle();
  record_.finished = true;
  if (parts_.records == nullptr) return;
  if (pieces_ == LoadPieces::within) return parts_.records->save(record_, file_name_);
  parts_.session.transaction([this] { parts_.records->save(record_, file_name_); });
}

}  // namespace hansa::delivery
