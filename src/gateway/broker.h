// What the gateway is to Kafka clients: one broker. It knows the topics, who leads, the groups and
// who waits; each request is answered by a function of its own (handlers.h). Confined to the thread
// of its io_context, but for what says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "async/deadline.h"
#include "async/gate.h"
#include "base/clock.h"
#include "base/observe.h"
#include "gateway/budget.h"
#include "gateway/call.h"
#include "gateway/coordinator.h"
#include "gateway/produce.h"
#include "gateway/read_pool.h"
#include "gateway/recent_batches.h"
#include "gateway/topics.h"
#include "gateway/watch.h"
#include "gateway/writer.h"

namespace hansa::gateway {

enum class Strangers : std::uint8_t {
  loopback_only,  // a developer's machine: who comes from it may write and make topics
  readers,        // nobody may write: there is no access control yet
};

struct BrokerOptions {
  std::shared_ptr<mesh::Mesh const> mesh;
  std::vector<postgres::Target> databases;  // the first is the system's: groups, foreign topics
  std::string advertised_host;              // empty: the address a client came to
  std::uint16_t advertised_port = 0;
  std::string announced_host;  // what other processes tell clients; never empty
  Strangers strangers = Strangers::readers;
  bool topics_made_by_use = false;  // auto.create.topics.enable; development only
  Observer* observer = nullptr;
  std::size_t frame_bytes_total = 512U << 20U;
  std::size_t recent_bytes_max = 128U << 20U;
  std::chrono::milliseconds look_pause{20};  // between looks for events of tables, while asked
  std::chrono::milliseconds reload_pause{1000};
  std::chrono::milliseconds initial_rebalance_delay{500};
  std::chrono::milliseconds begin_max{3000};  // how long first requests wait for the databases
};

class Broker {
 public:
  Broker(async::asio::io_context& context, BrokerOptions options);
  ~Broker();
  Broker(Broker const&) = delete;
  Broker& operator=(Broker const&) = delete;

  void start();
  // Whoever waits is answered; no more is begun. On the thread of the context.
  void stop();
  // From now on a topic's contract is what `mesh` says. Any thread.
  void renew(std::shared_ptr<mesh::Mesh const> mesh);
  // There may be new events of tables. Any thread; cheap.
  void poke() noexcept;

  // For connections.
  [[nodiscard]] async::asio::io_context& context() const { return context_; }
  [[nodiscard]] Budget& frames() { return frames_; }
  [[nodiscard]] Principal principal(bool from_loopback) const;
  // Suspends until it is known who leads and which topics there are: what was asked in the first
  // moments would be told that there is nothing. Not for ever: a database may be away.
  async::Task<void> begun();
  async::Task<void> answer(Call& call);
  void served(Call const& call, std::size_t bytes_out) const;
  void report(std::exception const& error) const;

  // For handlers.
  // Where this client reaches this process.
  [[nodiscard]] std::string host_for(Peer const& peer) const;
  [[nodiscard]] BrokerOptions const& options() const { return options_; }
  [[nodiscard]] std::shared_ptr<Topics const> topics() const { return topics_; }
  // Reads the topics anew; what they are then.
  async::Task<std::shared_ptr<Topics const>> reload();
  [[nodiscard]] ReadPool& reader(std::size_t database) { return *databases_[database].reader; }
  [[nodiscard]] Writer& writer(std::size_t database) { return *databases_[database].writer; }
  [[nodiscard]] std::size_t databases() const { return databases_.size(); }
  // Of this database; of the system's: who serves Kafka clients at all.
  [[nodiscard]] Leadership const& leadership(std::size_t database = 0) const {
    return databases_[database].leadership;
  }
  // Whether the group is an input port's: its reaction alone moves its offsets.
  [[nodiscard]] bool is_port(std::string_view group) const;
  [[nodiscard]] bool ending() const { return ending_; }
  [[nodiscard]] Watch& watch() { return watch_; }
  [[nodiscard]] RecentBatches& recent() { return recent_; }
  // What is known of the topic's ends is read anew.
  void forget(std::size_t database, std::int32_t topic);
  [[nodiscard]] Coordinator& coordinator() { return coordinator_; }

  // Kafka's id of the one broker there is.
  static constexpr std::int32_t node_id = 1;

 private:
  struct Database {
    std::unique_ptr<ReadPool> reader;
    std::unique_ptr<Writer> writer;
    Leadership leadership;
    bool told = false;                          // who leads
    std::map<std::int32_t, std::int64_t> ends;  // sums of offsets by topic, when last looked at
  };

  void lead(std::size_t database, Leadership const& now);
  void keep(std::size_t database, Append const& batch, Appended const& where);
  async::Task<void> tend();
  async::Task<void> begin();
  async::Task<void> look_once(std::size_t database);
  async::Task<void> look_for_events(std::size_t database);

  async::asio::io_context& context_;
  BrokerOptions options_;
  std::vector<Database> databases_;
  std::shared_ptr<Topics const> topics_;
  Budget frames_;
  RecentBatches recent_;
  Watch watch_;
  Coordinator coordinator_;
  async::Gate beginning_;
  bool topics_read_ = false;
  bool begun_ = false;
  bool poked_ = false;
  bool ending_ = false;
};

// Whether this connection may write to the topic; else why not.
[[nodiscard]] std::optional<std::string> refused_write(Principal const& principal,
                                                       Topic const& topic);

}  // namespace hansa::gateway
