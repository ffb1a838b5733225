// The one who writes for Kafka clients in one database: a thread whose session holds the lock of
// the gateway, so that PostgreSQL itself shuts out one that only thinks it leads. What waits at one
// moment is written by one transaction. Callable from any thread; answers come back on the executor
// of whoever asked.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/observe.h"
#include "gateway/appender.h"
#include "gateway/read_pool.h"

namespace hansa::gateway {

// Who serves Kafka clients in this mesh.
struct Leadership {
  bool held = false;       // by this process
  std::int32_t epoch = 0;  // rises whenever somebody begins
  std::string cluster_id;
  std::string host;  // where clients reach the one who leads; empty: nobody ever did
  std::uint16_t port = 0;
  bool operator==(Leadership const&) const = default;
};

struct WriterOptions {
  postgres::Target target;
  std::string host;  // what others tell clients while this one leads
  std::uint16_t port = 0;
  Observer* observer = nullptr;
  // Called on the writer's thread when leadership changed hands.
  std::function<void(Leadership const&)> changed;
  // Called on the writer's thread for each batch that became durable, before its client hears of
  // it.
  std::function<void(Append const&, Appended const&)> stored;
  std::chrono::milliseconds try_again{500};  // to become the gateway, or to connect
  std::size_t transaction_bytes_max = 32U << 20U;
  std::size_t queue_max = 10'000;
};

class Writer {
 public:
  explicit Writer(WriterOptions options);
  // Fails what still waits; what is under way ends, or is cancelled.
  ~Writer();
  Writer(Writer const&) = delete;
  Writer& operator=(Writer const&) = delete;

  void start();

  // Batches of one request: all in one transaction. `keep` keeps their bytes alive. Answered when
  // durable. Errors of the world are errors of each batch: not_leader_or_follower (tried again by
  // clients), kafka_storage_error. Throws Failure(overloaded) when too many wait.
  async::Task<std::vector<Appended>> append(std::vector<Append> batches,
                                            std::shared_ptr<void const> keep);
  // none, not_coordinator, or the storage's error.
  async::Task<wire::KafkaError> commit(std::vector<OffsetCommit> commits);

  // Runs `work` on the leading session, outside a transaction. Throws what it throws, and
  // Failure(not_the_gateway).
  template <class Value>
  async::Task<Value> run(std::function<Value(postgres::Session&)> work) {
    return async::suspend<Value>(
        [this, work = std::move(work)](typename async::Suspended<Value>::Handler handler) mutable {
          Item item;
          item.job = [handler = std::move(handler), work = std::move(work)](
                         postgres::Session* session, std::exception_ptr const& error) mutable {
            finish<Value>(std::move(handler), [&] { return work(*session); }, error);
          };
          add(std::move(item));
        });
  }
  // The topic is no more what it was: what is known of its ends is read anew.
  void forget(std::int32_t topic);

 private:
  using Answers = std::vector<Appended>;
  struct Item {
    std::vector<Append> batches;
    std::vector<OffsetCommit> commits;
    std::shared_ptr<void const> keep;
    std::size_t bytes = 0;
    std::move_only_function<void(Answers, std::exception_ptr)> done;  // of batches and commits
    std::move_only_function<void(postgres::Session*, std::exception_ptr const&)> job;  // or this
  };

  void add(Item item);
  void work();
  [[nodiscard]] bool lead();
  void lose(std::string_view reason) noexcept;
  void tell(Leadership const& now);
  [[nodiscard]] std::vector<Item> take();
  void refuse(std::vector<Item>& items);
  void serve(std::vector<Item>& items);
  void write(std::span<Item> items);
  void write_all(std::span<Item> items);
  static void fail(Item& item, wire::KafkaError of_batches, wire::KafkaError of_commits);

  WriterOptions const options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> items_;
  std::vector<std::int32_t> forgotten_;
  bool ending_ = false;
  bool tried_ = false;  // to lead: the first time at once

  std::mutex session_mutex_;  // while the destructor may cancel
  std::optional<postgres::Session> session_;
  std::optional<Appender> appender_;  // while this one leads
  Leadership leadership_;
  std::thread thread_;
};

}  // namespace hansa::gateway
