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
  ++request->serial;
  free_.push_back(request);
}

Pipeline::Pipeline(Connection connection, std::uint64_t epoch, std::size_t prepared_max,
                   RequestPool& pool)
    : connection_(std::move(connection)), prepared_(epoch, prepared_max), pool_(pool) {
  if (PQenterPipelineMode(connection_.get()) != 1) lost_ = true;
}

void Pipeline::send(Request* request) {
  PGconn* const connection = connection_.get();
  bind_text(request->params, values_);
  auto const count = static_cast<int>(values_.size());
  int sent = 1;
  if (request->retried) {
    sent = PQsendQueryParams(connection, std::string(request->sql).c_str(), count, nullptr,
                             values_.data(), nullptr, nullptr, 0);
  } else {
    auto name = prepared_.find(request->sql);
    if (name.empty()) {
      // In the same unit: if it fails, its first user learns why, and the others retry unnamed.
      name = prepared_.add(request->sql);
      sent = PQsendPrepare(connection, name.data(), std::string(request->sql).c_str(), 0, nullptr);
    }
    request->name = name;
    sent = sent == 1 ? PQsendQueryPrepared(connection, request->name.c_str(), count, values_.data(),
                                           nullptr, nullptr, 0)
                     : 0;
  }
  if (sent != 1) lost_ = true;
  sync(request);
  deallocate_dropped();
}

void Pipeline::deallocate_dropped() {
  for (std::string name = prepared_.take_dropped(); !name.empty() && !lost_;
       name = prepared_.take_dropped()) {
    // Whoever still uses the statement was sent before, so it is answered before.
    std::string const sql = "deallocate " + name;
    if (PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                          0) != 1)
      lost_ = true;
    Request* const own = pool_.acquire();
    own->due = Request::Time::max();
    sync(own);
  }
}

void Pipeline::sync(Request* request) {
  in_flight_.push_back(request);
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
    if (PQisBusy(connection_.get()) != 0) return nullptr;
    Answer answer(PQgetResult(connection_.get()));
    bool const fell = PQstatus(connection_.get()) == CONNECTION_BAD;
    auto const status = PQresultStatus(answer.get());
    if (answer && status == PGRES_PIPELINE_SYNC) return in_flight_.pop_front();
    if (fell || (answer && is_copy(status))) {
      lost_ = true;
      return nullptr;
    }
    nulls = answer ? 0 : nulls + 1;
    // Of an aborted unit the error that came before is kept.
    if (answer && status != PGRES_PIPELINE_ABORTED) in_flight_.front()->answer = std::move(answer);
  }
  return nullptr;
}

}  // namespace hansa::postgres
