#include "gateway/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "log/decimal_text.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

// Advisory locks of two integers: who serves Kafka clients.
constexpr std::int32_t gateway_class = 0x68736777;  // "hsgw"
constexpr auto idle_look = std::chrono::seconds(1);

constexpr std::string_view read_gateway = "select cluster_id, epoch, host, port from hansa.gateway";
constexpr std::string_view begin_epoch =
    "update hansa.gateway set epoch = epoch + 1, host = $1, port = $2, since = now() "
    "returning cluster_id, epoch, host, port";
// Of producers that have not been heard of for a week, as Kafka does after a day.
constexpr std::string_view drop_old_producers =
    "delete from hansa.producer where updated_at < now() - interval '7 days'";

Leadership leadership_of(postgres::Rows const& rows, bool held) {
  if (rows.size() == 0)
    throw Failure(Code::not_applied, "hansa.gateway is empty", "run hansa apply");
  return {.held = held,
          .epoch = log::to_number<std::int32_t>(rows.value(0, 1)),
          .cluster_id = std::string(rows.value(0, 0)),
          .host = std::string(rows.value(0, 2)),
          .port = log::to_number<std::uint16_t>(rows.value(0, 3))};
}

// What a client is told when PostgreSQL could not store what it sent; all of these it tries again.
KafkaError error_of(std::string_view sqlstate) {
  if (sqlstate.starts_with("53") || sqlstate.starts_with("58"))
    return KafkaError::kafka_storage_error;
  if (sqlstate == "23503") return KafkaError::unknown_topic_or_partition;
  return KafkaError::not_leader_or_follower;
}

}  // namespace

Writer::Writer(WriterOptions options) : options_(std::move(options)) {}

Writer::~Writer() {
  {
    std::lock_guard const lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  {
    std::lock_guard const lock(session_mutex_);
    if (session_) session_->cancel();
  }
  if (thread_.joinable()) thread_.join();
  std::vector<Item> left(std::make_move_iterator(items_.begin()),
                         std::make_move_iterator(items_.end()));
  refuse(left);
}

void Writer::start() {
  thread_ = std::thread([this] { work(); });
}

async::Task<std::vector<Appended>> Writer::append(std::vector<Append> batches,
                                                  std::shared_ptr<void const> keep) {
  return async::suspend<Answers>([this, batches = std::move(batches), keep = std::move(keep)](
                                     async::Suspended<Answers>::Handler handler) mutable {
    Item item;
    for (Append const& each : batches) item.bytes += each.batch.size();
    item.batches = std::move(batches);
    item.keep = std::move(keep);
    item.done = [handler = std::move(handler)](Answers answers, std::exception_ptr error) mutable {
      finish<Answers>(std::move(handler), [&] { return std::move(answers); }, std::move(error));
    };
    add(std::move(item));
  });
}

async::Task<KafkaError> Writer::commit(std::vector<OffsetCommit> commits) {
  return async::suspend<KafkaError>(
      [this, commits = std::move(commits)](async::Suspended<KafkaError>::Handler handler) mutable {
        Item item;
        item.commits = std::move(commits);
        item.done = [handler = std::move(handler)](Answers const& answers,
                                                   std::exception_ptr error) mutable {
          auto const outcome = answers.empty() ? KafkaError::none : answers.front().error;
          finish<KafkaError>(std::move(handler), [outcome] { return outcome; }, std::move(error));
        };
        add(std::move(item));
      });
}

void Writer::forget(std::int32_t topic) {
  std::lock_guard const lock(mutex_);
  forgotten_.push_back(topic);
}

void Writer::add(Item item) {
  bool full = false;
  {
    std::lock_guard const lock(mutex_);
    full = ending_ || items_.size() >= options_.queue_max;
    if (!full) items_.push_back(std::move(item));
  }
  if (!full) {
    wake_.notify_one();
    return;
  }
  auto const error =
      std::make_exception_ptr(Failure(Code::overloaded, "too much waits to be written"));
  if (item.job)
    item.job(nullptr, error);
  else
    item.done({}, error);
}

// As much as one transaction takes, or one job.
std::vector<Writer::Item> Writer::take() {
  std::vector<Item> items;
  std::unique_lock lock(mutex_);
  auto const pause = appender_ ? std::chrono::milliseconds(idle_look) : options_.try_again;
  if (std::exchange(tried_, true))
    wake_.wait_for(lock, pause, [this] { return ending_ || !items_.empty(); });
  for (std::int32_t const topic : std::exchange(forgotten_, {}))
    if (appender_) appender_->forget(topic);
  std::size_t bytes = 0;
  while (!ending_ && !items_.empty()) {
    auto& next = items_.front();
    if (!items.empty() &&
        (next.job || items.front().job || bytes + next.bytes > options_.transaction_bytes_max))
      break;
    bytes += next.bytes;
    items.push_back(std::move(next));
    items_.pop_front();
  }
  return items;
}

void Writer::work() {
  for (;;) {
    auto items = take();
    {
      std::lock_guard const lock(mutex_);
      if (ending_) {
        refuse(items);
        return;
      }
    }
    try {
      if (!lead()) {
        refuse(items);
        continue;
      }
      if (items.empty()) session_->execute("select");  // is it still there?
    } catch (std::exception const& error) {
      lose(error.what());
      refuse(items);
      continue;
    }
    serve(items);
  }
}

// Whether this session holds the lock; connects and tries to take it where need be.
bool Writer::lead() {
  if (!session_) {
    auto opened = postgres::Session::open(options_.target);
    std::lock_guard const lock(session_mutex_);
    session_.emplace(std::move(opened));
  }
  if (appender_) return true;
  auto const lock =
      session_->execute("select pg_try_advisory_lock($1::int, 0)", {std::to_string(gateway_class)});
  if (lock.value(0, 0) != "t") {
    tell(leadership_of(session_->execute(read_gateway), false));
    return false;
  }
  session_->execute(drop_old_producers);
  auto const now = leadership_of(
      session_->execute(begin_epoch, {options_.host, std::to_string(options_.port)}), true);
  appender_.emplace(now.epoch);
  tell(now);
  return true;
}

void Writer::tell(Leadership const& now) {
  if (now == leadership_) return;
  bool const handed = now.held != leadership_.held;
  leadership_ = now;
  if (handed && options_.observer != nullptr)
    options_.observer->observe(GatewayLease{.held = now.held, .epoch = now.epoch});
  if (options_.changed) options_.changed(now);
}

void Writer::lose(std::string_view reason) noexcept {
  try {
    bool ending = false;
    {
      std::lock_guard const lock(mutex_);
      ending = ending_;
    }
    if (options_.observer != nullptr && !ending)
      options_.observer->observe(
          Notice{LogLevel::warning, "the gateway's writer begins anew", reason});
    appender_.reset();
    {
      std::lock_guard const lock(session_mutex_);
      session_.reset();
    }
    auto now = leadership_;
    now.held = false;
    tell(now);
  } catch (std::bad_alloc const&) {
    std::terminate();
  }
}

void Writer::refuse(std::vector<Item>& items) {
  auto const error = std::make_exception_ptr(
      Failure(Code::not_the_gateway, "this process does not serve Kafka clients now"));
  for (Item& item : items) {
    if (item.job)
      item.job(nullptr, error);
    else
      fail(item, KafkaError::not_leader_or_follower, KafkaError::not_coordinator);
  }
}

void Writer::serve(std::vector<Item>& items) {
  if (items.empty()) return;
  if (items.front().job)
    items.front().job(&*session_, nullptr);
  else
    write_all(items);
}

void Writer::fail(Item& item, KafkaError of_batches, KafkaError of_commits) {
  auto const error = item.batches.empty() ? of_commits : of_batches;
  item.done(Answers(std::max<std::size_t>(item.batches.size(), 1), Appended{.error = error}),
            nullptr);
}

// All together; where that is refused, each alone, so that no one pays for another.
void Writer::write_all(std::span<Item> items) {
  try {
    write(items);
  } catch (postgres::SqlError const& error) {
    if (appender_) appender_.emplace(leadership_.epoch);
    if (items.size() == 1 && options_.observer != nullptr)
      options_.observer->observe(Notice{LogLevel::warning, "a write was refused", error.what()});
    if (items.size() == 1)
      fail(items[0], error_of(error.sqlstate()), error_of(error.sqlstate()));
    else
      for (std::size_t i = 0; i < items.size(); ++i) write_all(items.subspan(i, 1));
  } catch (std::exception const& error) {
    lose(error.what());
    for (Item& item : items)
      fail(item, KafkaError::not_leader_or_follower, KafkaError::coordinator_not_available);
  }
}

void Writer::write(std::span<Item> items) {
  if (!appender_) throw Failure(Code::not_the_gateway, "the gateway's lock is lost");
  auto const begun = std::chrono::steady_clock::now();
  std::vector<Append> batches;
  std::vector<OffsetCommit> commits;
  RecordsStored stored;
  for (Item const& item : items) {
    batches.insert(batches.end(), item.batches.begin(), item.batches.end());
    commits.insert(commits.end(), item.commits.begin(), item.commits.end());
    stored.requests += item.batches.empty() ? 0 : 1;
    stored.bytes += item.bytes;
  }
  for (Append const& each : batches)
    stored.records += static_cast<std::uint64_t>(each.header.record_count);
  stored.batches = batches.size();
  auto const answers = appender_->write(*session_, batches, commits);
  if (options_.stored)
    for (std::size_t i = 0; i < batches.size(); ++i)
      if (answers[i].stored) options_.stored(batches[i], answers[i]);
  std::size_t at = 0;
  for (Item& item : items) {
    auto const count = static_cast<std::ptrdiff_t>(item.batches.size());
    auto const first = answers.begin() + static_cast<std::ptrdiff_t>(at);
    item.done(Answers(first, first + count), nullptr);
    at += item.batches.size();
  }
  stored.elapsed = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begun);
  if (options_.observer != nullptr && stored.batches > 0) options_.observer->observe(stored);
}

}  // namespace hansa::gateway
