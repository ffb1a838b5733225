#include "log/compactor.h"

#include "log/decimal_text.h"
#include "wire/big_endian.h"
#include "wire/compression.h"

namespace hansa::log {
namespace {

using postgres::Rows;
using postgres::Session;

// Partitions in turn, with where they begin and where their newest segment does.
constexpr std::string_view find_partitions = R"(
select p.topic, p.partition, p.start_offset, newest.base_offset
from hansa.topic t join hansa.topic_partition p on p.topic = t.id
join lateral (select max(s.base_offset) as base_offset from hansa.segment s
              where s.topic = p.topic and s.partition = p.partition) as newest
  on newest.base_offset > p.start_offset
where t.cleanup like '%compact%'
order by (p.topic, p.partition) <= ($1::int, $2::int), p.topic, p.partition)";

constexpr std::string_view read_segments = R"(
select base_offset, batch
from (select base_offset, batch, row_number() over (order by base_offset) as place,
        sum(octet_length(batch)) over (order by base_offset rows unbounded preceding) as bytes
      from hansa.segment
      where topic = $1 and partition = $2 and base_offset >= $3 and base_offset < $4
      order by base_offset limit $5) as found
where place = 1 or bytes <= $6
order by base_offset)";

constexpr std::string_view remove_segments =
    "delete from hansa.segment where topic = $1 and partition = $2 and base_offset between $3 and "
    "$4";

std::int64_t base_of(Rows const& rows, std::size_t row) {
  return wire::load_big_endian<std::int64_t>(rows.value(row, 0).data());
}

// A batch whose records can be seen.
std::optional<wire::OpenBatch> readable(Rows const& rows, std::size_t row) {
  auto const batch = wire::read_batch(rows.value(row, 1));
  if (!batch || batch->header.base_offset != base_of(rows, row)) return std::nullopt;
  auto open = wire::open_batch(*batch);
  if (!open) return std::nullopt;
  return *std::move(open);
}

}  // namespace

Compactor::Step Compactor::step(Session& session, Time now) {
  Step step;
  try {
    if (!pass_) pass_ = choose(session);
    if (!pass_) {
      step.idle = true;
    } else if (pass_->rewriting) {
      rewrite(session, now, step);
    } else {
      note(session, step);
    }
  } catch (...) {
    pass_.reset();
    latest_.clear();
    throw;
  }
  return step;
}

std::optional<Compactor::Pass> Compactor::choose(Session& session) {
  auto const rows =
      session.execute(find_partitions, {std::to_string(last_.first), std::to_string(last_.second)});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PartitionId const id{to_number<std::int32_t>(rows.value(i, 0)),
                         to_number<std::int32_t>(rows.value(i, 1))};
    auto const start = to_number<std::int64_t>(rows.value(i, 2));
    auto const limit = to_number<std::int64_t>(rows.value(i, 3));
    auto const found = passed_.find(id);
    auto const passed = std::max(start, found == passed_.end() ? 0 : found->second);
    auto const grown = static_cast<double>(limit - passed);
    if (limit <= passed || grown < limits_.growth_min * static_cast<double>(passed - start))
      continue;
    last_ = id;
    return Pass{.partition = id, .note_from = passed, .limit = limit};
  }
  return std::nullopt;
}

Rows Compactor::read(Session& session) const {
  return session.execute_binary(
      read_segments,
      {std::to_string(pass_->partition.first), std::to_string(pass_->partition.second),
       std::to_string(pass_->note_from), std::to_string(pass_->limit),
       std::to_string(limits_.step_segments_max), std::to_string(limits_.step_bytes_max)});
}

void Compactor::note(Session& session, Step& step) {
  auto const rows = read(session);
  step.segments_read += rows.size();
  bool full = rows.size() == 0;
  for (std::size_t i = 0; i < rows.size() && !full; ++i) {
    auto const batch = readable(rows, i);
    if (batch) latest_.add(batch->view);
    pass_->note_from = base_of(rows, i) + 1;
    full = latest_.bytes() >= limits_.keys_bytes_max;
  }
  if (!full) return;
  if (rows.size() > 0) pass_->limit = pass_->note_from;
  pass_->note_from = 0;
  pass_->rewriting = true;
}

void Compactor::rewrite(Session& session, Time now, Step& step) {
  auto const rows = read(session);
  if (rows.size() == 0) return end_pass();
  auto const kept = std::chrono::floor<std::chrono::milliseconds>(now) - limits_.tombstones_kept;
  writer_.clear();
  Rewriter rewriter(pass_->partition.first, pass_->partition.second, writer_);
  // Up to the first batch that cannot be looked into; that one stays, and the next step goes on
  // behind it.
  std::size_t count = 0;
  for (; count < rows.size(); ++count) {
    auto const batch = readable(rows, count);
    if (!batch) break;
    rewriter.add(batch->view, latest_,
                 {.removable = !pass_->opaque, .before_ms = kept.time_since_epoch().count()});
  }
  rewriter.finish();
  bool const stuck = count < rows.size();
  pass_->note_from = base_of(rows, stuck ? count : count - 1) + 1;
  pass_->opaque = pass_->opaque || stuck;
  step.segments_read += count + (stuck ? 1 : 0);
  if (count == 0 || (rewriter.removed() == 0 && writer_.segments() * 2 > count)) return;
  std::string const topic = std::to_string(pass_->partition.first);
  std::string const partition = std::to_string(pass_->partition.second);
  session.transaction([&] {
    auto const gone =
        session.execute(remove_segments, {topic, partition, std::to_string(base_of(rows, 0)),
                                          std::to_string(base_of(rows, count - 1))});
    if (gone.affected() != count)
      throw Failure(Code::serialization_failure, "segments changed while they were compacted");
    if (writer_.segments() == 0) return;
    auto const insert = writer_.insert();
    session.execute_all({&insert, 1});
  });
  step.records_removed += rewriter.removed();
  step.segments_written += writer_.segments();
}

void Compactor::end_pass() {
  passed_[pass_->partition] = pass_->limit;
  latest_.clear();
  pass_.reset();
}

}  // namespace hansa::log
