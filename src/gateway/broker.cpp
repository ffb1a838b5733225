#include "gateway/broker.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>

#include "async/spawn.h"
#include "gateway/handlers.h"
#include "log/decimal_text.h"

namespace hansa::gateway {
namespace {

using wire::KafkaError;

constexpr std::size_t readers_a_database = 3;
constexpr std::size_t questions_max = 1'000;

constexpr std::string_view read_ends =
    "select topic, sum(next_offset)::bigint from hansa.topic_partition group by topic";

using Ends = std::map<std::int32_t, std::int64_t>;

Ends ends_of(postgres::Session& session) {
  Ends ends;
  auto const rows = session.execute(read_ends);
  for (std::size_t i = 0; i < rows.size(); ++i)
    ends.emplace(log::to_number<std::int32_t>(rows.value(i, 0)),
                 log::to_number<std::int64_t>(rows.value(i, 1)));
  return ends;
}

GroupLimits group_limits(BrokerOptions const& options) {
  GroupLimits limits;
  limits.initial_delay = options.initial_rebalance_delay;
  return limits;
}

}  // namespace

Broker::Broker(async::asio::io_context& context, BrokerOptions options)
    : context_(context),
      options_(std::move(options)),
      topics_(std::make_shared<Topics const>()),
      frames_(context, options_.frame_bytes_total),
      recent_(options_.recent_bytes_max),
      watch_(context),
      coordinator_(context, group_limits(options_), options_.observer) {
  for (std::size_t i = 0; i < options_.databases.size(); ++i) {
    auto reading = options_.databases[i], writing = options_.databases[i];
    reading.application = "hansa gateway reader";
    writing.application = "hansa gateway";
    auto& database = databases_.emplace_back();
    database.reader =
        std::make_unique<ReadPool>(std::move(reading), readers_a_database, questions_max);
    database.writer = std::make_unique<Writer>(
        WriterOptions{.target = std::move(writing),
                      .host = options_.announced_host,
                      .port = options_.advertised_port,
                      .observer = i == 0 ? options_.observer : nullptr,
                      .changed =
                          [this, i](Leadership const& now) {
                            recent_.forget_all();
                            async::asio::post(context_, [this, i, now] { lead(i, now); });
                          },
                      .stored = [this, i](Append const& batch,
                                          Appended const& where) { keep(i, batch, where); }});
  }
}

Broker::~Broker() = default;

void Broker::start() {
  for (auto& each : databases_) each.writer->start();
  async::spawn(context_.get_executor(), tend());
  async::spawn(context_.get_executor(), begin());
  for (std::size_t i = 0; i < databases_.size(); ++i)
    async::spawn(context_.get_executor(), look_for_events(i));
}

void Broker::stop() {
  ending_ = true;
  begun_ = true;
  beginning_.notify();
  coordinator_.clear(KafkaError::coordinator_not_available);
  watch_.notify_all();
}

void Broker::lead(std::size_t database, Leadership const& now) {
  auto const before = std::exchange(databases_[database].leadership, now);
  databases_[database].told = true;
  beginning_.notify();
  if (database == 0 && before.held && !now.held) coordinator_.clear(KafkaError::not_coordinator);
  watch_.notify_all();
}

void Broker::keep(std::size_t database, Append const& batch, Appended const& where) {
  if (!batch.read_soon) return recent_.forget(database, batch.topic);
  recent_.add({database, batch.topic, batch.partition}, where.log_start, where.base_offset,
              std::int64_t{batch.header.last_offset_delta} + 1,
              {batch.batch.data(), batch.batch.size()}, std::chrono::steady_clock::now());
}

void Broker::forget(std::size_t database, std::int32_t topic) {
  writer(database).forget(topic);
  recent_.forget(database, topic);
}

void Broker::renew(std::shared_ptr<mesh::Mesh const> mesh) {
  async::asio::post(context_, [this, mesh = std::move(mesh)] { options_.mesh = mesh; });
}

void Broker::poke() noexcept {
  async::asio::post(context_, [this] {
    if (std::exchange(poked_, true)) return;
    for (std::size_t i = 0; i < databases_.size(); ++i)
      if (watch_.waits_for(i)) async::spawn(context_.get_executor(), look_once(i));
  });
}

async::Task<std::shared_ptr<Topics const>> Broker::reload() {
  auto topics = std::make_shared<Topics>();
  topics->mesh = options_.mesh;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    std::function<Topics(postgres::Session&)> const work =
        [i, so_far = *topics](postgres::Session& session) mutable {
          read_topics(session, i, so_far);
          return std::move(so_far);
        };
    *topics = co_await databases_[i].reader->run<Topics>(work);
  }
  topics_ = topics;
  topics_read_ = true;
  beginning_.notify();
  co_return topics;
}

async::Task<void> Broker::begin() {
  async::Timer timer(context_);
  timer.expires_after(options_.begin_max);
  co_await timer.async_wait(async::asio::as_tuple(async::use_task));
  begun_ = true;
  beginning_.notify();
}

async::Task<void> Broker::begun() {
  auto const known = [this] {
    begun_ = begun_ || (topics_read_ && std::ranges::all_of(databases_, &Database::told));
    return begun_;
  };
  co_await beginning_.wait(known);
}

// Topics come and go by apply, too.
async::Task<void> Broker::tend() {
  async::Timer timer(context_);
  while (!ending_) {
    try {
      co_await reload();
    } catch (std::exception const&) {
      // What cannot be read now was read before; questions of clients tell of the database.
    }
    timer.expires_after(options_.reload_pause);
    co_await timer.async_wait(async::asio::as_tuple(async::use_task));
  }
}

async::Task<void> Broker::look_once(std::size_t at) {
  auto& database = databases_[at];
  try {
    poked_ = false;
    std::function<Ends(postgres::Session&)> const work = ends_of;
    auto ends = co_await database.reader->run<Ends>(work);
    for (auto const& [topic, sum] : ends) {
      auto const known = database.ends.find(topic);
      if (known == database.ends.end() || known->second != sum) watch_.notify({at, topic});
    }
    database.ends = std::move(ends);
  } catch (std::exception const&) {
    // Looked for again.
  }
}

// Events of tables are written by whoever sequences them, maybe another process.
async::Task<void> Broker::look_for_events(std::size_t at) {
  async::Timer timer(context_);
  while (!ending_) {
    if (watch_.waits_for(at)) co_await look_once(at);
    timer.expires_after(options_.look_pause);
    co_await timer.async_wait(async::asio::as_tuple(async::use_task));
  }
}

Principal Broker::principal(bool from_loopback) const {
  return {.name = {},
          .domain = std::nullopt,
          .may_write = options_.strangers == Strangers::loopback_only && from_loopback};
}

async::Task<void> Broker::answer(Call& call) {
  auto const* const api = wire::find_api(call.header.key);
  auto const handler = api != nullptr ? handler_of(call.header.key) : nullptr;
  bool const versions = call.header.key == static_cast<std::int16_t>(wire::ApiKey::api_versions);
  if (handler == nullptr || (!api->serves(call.header.version) && !versions)) {
    call.close = true;
    co_return;
  }
  std::exception_ptr failed;
  try {
    co_await handler(*this, call);
  } catch (...) {
    failed = std::current_exception();
  }
  if (!failed) co_return;
  // The database did not answer: the client finds out that it has to try again.
  call.out.clear();
  call.close = true;
  call.error = KafkaError::unknown_server_error;
  try {
    std::rethrow_exception(failed);
  } catch (std::exception const& error) {
    report(error);
  }
}

void Broker::served(Call const& call, std::size_t bytes_out) const {
  if (options_.observer == nullptr) return;
  auto const* const api = wire::find_api(call.header.key);
  options_.observer->observe(KafkaRequestServed{
      .api = api != nullptr ? api->name : "unknown",
      .version = call.header.version,
      .error = static_cast<std::int16_t>(call.error),
      .bytes_in = call.frame->bytes.size(),
      .bytes_out = bytes_out,
      .elapsed =
          std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - call.begun)});
}

void Broker::report(std::exception const& error) const {
  if (options_.observer != nullptr && !ending_)
    options_.observer->observe(
        Notice{LogLevel::warning, "a request of a Kafka client failed", error.what()});
}

bool Broker::is_port(std::string_view group) const {
  return options_.mesh &&
         std::ranges::any_of(options_.mesh->subscriptions,
                             [group](auto const& each) { return each.group == group; });
}

std::string Broker::host_for(Peer const& peer) const {
  return options_.advertised_host.empty() ? peer.local_host : options_.advertised_host;
}

std::optional<std::string> refused_write(Principal const& principal, Topic const& topic) {
  if (!topic.written_by_clients())
    return "events of this topic are born in the tables of domain " + topic.domain;
  if (!principal.may_write) return "writing is for the developer's own machine";
  if (principal.domain && !topic.domain.empty() && principal.domain->text() != topic.domain)
    return "this topic belongs to domain " + topic.domain;
  return std::nullopt;
}

}  // namespace hansa::gateway
