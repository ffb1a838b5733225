// The lane of single bounded statements: every pipelined connection, the queue before them, and
// their deadlines. One thread, that of the io_context. Lives in a shared_ptr until its loops have
// ended.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "async/deadline.h"
#include "async/readiness.h"
#include "async/signal.h"
#include "postgres/database.h"
#include "postgres/pipeline.h"

namespace hansa::postgres {

class PipelinedLane : public std::enable_shared_from_this<PipelinedLane> {
 public:
  using Caller = async::Suspended<Rows>;

  // `changed` is told when the lane falls idle while refusing, and when a loop ends.
  PipelinedLane(async::asio::io_context& context, Target target, DatabaseOptions const& options,
                Observer& observer, std::shared_ptr<async::Signal> changed);

  ~PipelinedLane();
  PipelinedLane(PipelinedLane const&) = delete;
  PipelinedLane& operator=(PipelinedLane const&) = delete;

  // Begins to connect. Once, after construction.
  void start();
  // Answers `caller` in time, in a later turn at the earliest. Does not throw.
  void submit(std::string_view sql, Params params, Unit unit, Caller::Handler caller);

  void refuse_new() { refusing_ = true; }
  // Answers everyone with database_unreachable and closes the connections in a later turn.
  void stop();

  [[nodiscard]] bool connected() const { return up_ > 0; }
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool ended() const { return running_ == 0; }

 private:
  using Time = Request::Time;

  struct Link {
    std::optional<Pipeline> pipeline;           // while up
    std::optional<async::Readiness> readiness;  // gone before the pipeline
    async::asio::cancellation_signal cancel;
    std::uint64_t epoch = 0;
    bool waits_to_write = false;
    bool ends_unit_soon = false;  // in a later turn, with what this turn still adds to the unit
    Time progressed;
  };

  static async::Task<void> run(std::shared_ptr<PipelinedLane> self, Link& link);
  async::Task<bool> open(Link& link);
  async::Task<void> serve(Link& link);
  void close(Link& link);
  void finish(Link& link, Request* request);
  void dispatch(Link& link, Request* request);
  void end_unit_soon(Link& link);
  void see_to_sent(Link& link);
  void wait_to_write(Link& link);
  bool sent_again(Link& link, Request* request);
  void pump();
  Link* pick();
  void tick();
  void expire_in_flight(Link& link, Time now);
  void arm();
  void lost(Failure const& failure);
  [[nodiscard]] Failure unreachable() const;
  [[nodiscard]] std::exception_ptr refusal(Params const& params) const;

  async::asio::io_context& context_;
  Target const target_;
  DatabaseOptions const options_;
  Observer& observer_;
  std::shared_ptr<async::Signal> changed_;
  async::Alarm alarm_;
  RequestPool pool_;  // outlives every queue
  std::vector<std::unique_ptr<Link>> links_;
  RequestQueue waiting_;
  std::optional<Failure> last_failure_;
  Time down_since_;
  std::size_t up_ = 0;
  std::size_t running_ = 0;
  bool announced_lost_ = false;
  bool armed_ = false;
  bool refusing_ = false;
  bool stopping_ = false;
};

}  // namespace hansa::postgres
