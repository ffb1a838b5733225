#include "postgres/pipeline.h"

#include <cassert>

namespace hansa::postgres {
namespace {

// COPY has no place in a pipeline: libpq and the server lose step.
bool is_copy(ExecStatusType status) {
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

}  // namespace

void RequestQueue::push_back(Request* request) {
  request->next = nullptr;
  (last_ ? last_->next : first_) = request;
  last_ = request;
  ++size_;
}

void RequestQueue::push_front(Request* request) {
  request->next = first_;
  first_ = request;
  if (!last_) last_ = request;
  ++size_;
}

Request* RequestQueue::pop_front() {
  Request* const request = first_;
  first_ = request->next;
  if (!first_) last_ = nullptr;
  --size_;
  return request;
}

Request* RequestPool::acquire() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Request>());
    free_.push_back(all_.back().get());
  }
  Request* const request = free_.back();
  free_.pop_back();
  return request;
}

void RequestPool::release(Request* request) {
  assert(request->caller.empty());
  request->sql = {};
  request->params.clear();
  request->name.clear();
  request->answer.reset();
  request->retried = false;
  request->prepares = false;
  request->ends_unit = false;
  request->skipped = false;
  ++request->serial;
  free_.push_back(request);
}

Pipeline::Pipeline(Connection connection, std::uint64_t epoch, std::size_t prepared_max,
                   RequestPool& pool)
    : connection_(std::move(connection)), prepared_(epoch, prepared_max), pool_(pool) {
  if (PQenterPipelineMode(connection_.get()) != 1) lost_ = true;
}

void Pipeline::send(Request* request) {
  if (request->unit == Unit::own) end_unit();
  PGconn* const connection = connection_.get();
  bind_text(request->params, values_);
  auto const count = static_cast<int>(values_.size());
  int sent = 1;
  request->prepares = false;
  if (request->retried) {
    sent = PQsendQueryParams(connection, std::string(request->sql).c_str(), count, nullptr,
                             values_.data(), nullptr, nullptr, 0);
  } else {
    auto name = prepared_.find(request->sql);
    if (name.empty()) {
      // In the same unit: if it fails, its first user learns why, and the others retry unnamed.
      name = prepared_.add(request->sql);
      sent = PQsendPrepare(connection, name.data(), std::string(request->sql).c_str(), 0, nullptr);
      request->prepares = true;
    }
    request->name = name;
    sent = sent == 1 ? PQsendQueryPrepared(connection, request->name.c_str(), count, values_.data(),
                                           nullptr, nullptr, 0)
                     : 0;
  }
  if (sent != 1) lost_ = true;
  queue(request);
  if (request->unit == Unit::own) end_unit();
  deallocate_dropped();
}

void Pipeline::deallocate_dropped() {
  for (std::string name = prepared_.take_dropped(); !name.empty() && !lost_;
       name = prepared_.take_dropped()) {
    end_unit();
    // Whoever still uses the statement was sent before, so it is answered before.
    std::string const sql = "deallocate " + name;
    if (PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                          0) != 1)
      lost_ = true;
    Request* const own = pool_.acquire();
    own->due = Request::Time::max();
    queue(own);
    end_unit();
  }
}

void Pipeline::queue(Request* request) {
  request->commands = request->prepares ? 2 : 1;
  in_flight_.push_back(request);
  if (!awaited_) awaited_ = request;
  ++open_unit_;
}

void Pipeline::end_unit() {
  if (open_unit_ == 0) return;
  open_unit_ = 0;
  in_flight_.back()->ends_unit = true;
  if (lost_) return;
  if (PQpipelineSync(connection_.get()) != 1) {
    lost_ = true;
    return;
  }
  flush();
}

void Pipeline::flush() {
  if (lost_) return;
  int const result = PQflush(connection_.get());
  blocked_ = result == 1;
  if (result < 0) lost_ = true;
}

void Pipeline::receive() {
  if (lost_) return;
  if (PQconsumeInput(connection_.get()) != 1) lost_ = true;
  if (in_flight_.empty() && !lost_) PQisBusy(connection_.get());  // reads notices and a farewell
}

Request* Pipeline::next_answered() {
  // Between units libpq returns null a few times; more in a row would mean that it waits for input.
  constexpr int nulls_max = 4;
  for (int nulls = 0; !in_flight_.empty() && nulls < nulls_max;) {
    if (unit_answered_) {
      unit_answered_ = !in_flight_.front()->ends_unit;
      return in_flight_.pop_front();
    }
    if (PQisBusy(connection_.get()) != 0) return nullptr;
    Answer answer(PQgetResult(connection_.get()));
    bool const fell = PQstatus(connection_.get()) == CONNECTION_BAD;
    auto const status = PQresultStatus(answer.get());
    if (answer && status == PGRES_PIPELINE_SYNC) {
      note_sync();
      continue;
    }
    if (fell || (answer && is_copy(status))) {
      lost_ = true;
      return nullptr;
    }
    nulls = answer ? 0 : nulls + 1;
    if (answer) note(std::move(answer));
  }
  return nullptr;
}

// Every command gives one result. What comes between the last of a unit and its Sync is the error
// of its commit.
void Pipeline::note(Answer answer) {
  while (awaited_->commands == 0 && !awaited_->ends_unit && awaited_->next)
    awaited_ = awaited_->next;
  if (PQresultStatus(answer.get()) == PGRES_PIPELINE_ABORTED) {
    awaited_->skipped = !awaited_->answer;
  } else {
    awaited_->answer = std::move(answer);
  }
  if (awaited_->commands > 0) --awaited_->commands;
}

void Pipeline::note_sync() {
  while (!awaited_->ends_unit) awaited_ = awaited_->next;
  awaited_ = awaited_->next;
  unit_answered_ = true;
}

}  // namespace hansa::postgres
