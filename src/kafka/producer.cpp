#include "kafka/producer.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>

namespace hansa::kafka {
namespace {

constexpr int poll_wait_ms = 100;
constexpr int reach_ms = 5'000;

struct FreeClient {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
struct FreeConfig {
  void operator()(rd_kafka_conf_t* config) const { rd_kafka_conf_destroy(config); }
};
using Client = std::unique_ptr<rd_kafka_t, FreeClient>;
using Config = std::unique_ptr<rd_kafka_conf_t, FreeConfig>;
using Complaint = std::array<char, 512>;

void set(rd_kafka_conf_t* config, char const* name, std::string const& value) {
  Complaint complaint{};
  if (rd_kafka_conf_set(config, name, value.c_str(), complaint.data(), complaint.size()) !=
      RD_KAFKA_CONF_OK)
    throw Failure(Code::usage, fmt::format("{}: {}", name, complaint.data()));
}

// librdkafka's maker of partitions that gives a key the one that Java's producer gives it, and
// records without a key any.
constexpr char const* as_java = "murmur2_random";

Error error_of(rd_kafka_resp_err_t error, std::string_view topic) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return {Code::invalid_record, fmt::format("{} does not take such a record", topic)};
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return {Code::value_over_limit, fmt::format("the record is larger than {} allows", topic)};
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return {Code::unknown_topic, fmt::format("the broker has no such partition of {}", topic)};
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      return {Code::broker_unreachable, "the broker did not acknowledge the record in time",
              "it may have been stored all the same"};
    default:
      return {Code::record_refused,
              fmt::format("{} ({})", rd_kafka_err2str(error), rd_kafka_err2name(error))};
  }
}

}  // namespace

class Producer::Impl {
 public:
  Impl(ProducerOptions options, std::function<void(Fate const&)> told)
      : options_(std::move(options)), told_(std::move(told)) {
    Config config(rd_kafka_conf_new());
    set(config.get(), "bootstrap.servers", options_.brokers);
    set(config.get(), "client.id", options_.client_id);
    set(config.get(), "enable.idempotence", "true");
    set(config.get(), "linger.ms", "5");
    set(config.get(), "partitioner", as_java);
    set(config.get(), "message.timeout.ms", std::to_string(options_.timeout.count()));
    set(config.get(), "queue.buffering.max.messages", std::to_string(options_.waiting_max));
    rd_kafka_conf_set_opaque(config.get(), this);
    rd_kafka_conf_set_dr_msg_cb(config.get(), &Impl::take);
    rd_kafka_conf_set_log_cb(config.get(), nullptr);
    Complaint complaint{};
    client_.reset(
        rd_kafka_new(RD_KAFKA_PRODUCER, config.get(), complaint.data(), complaint.size()));
    if (!client_) throw Failure(Code::internal, complaint.data());
    static_cast<void>(config.release());  // the client's now
    reach();
  }

  Result<void> send(Outgoing const& record) {
    for (;;) {
      auto const error = offer(record);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return std::unexpected(error_of(error, options_.topic));
      rd_kafka_poll(client_.get(), poll_wait_ms);
    }
  }

  void poll() { rd_kafka_poll(client_.get(), 0); }

  // Ends: every record has its fate within options_.timeout.
  void flush() {
    while (rd_kafka_outq_len(client_.get()) > 0) rd_kafka_flush(client_.get(), poll_wait_ms);
  }

 private:
  static void take(rd_kafka_t*, rd_kafka_message_t const* message, void* self) {
    auto const& impl = *static_cast<Impl*>(self);
    Fate fate{.number = reinterpret_cast<std::uintptr_t>(message->_private),
              .partition = message->partition,
              .offset = message->offset,
              .error = std::nullopt};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      fate.error = error_of(message->err, impl.options_.topic);
    impl.told_(fate);
  }

  void reach() {
    rd_kafka_metadata_t const* found = nullptr;
    auto const error = rd_kafka_metadata(client_.get(), 0, nullptr, &found, reach_ms);
    if (found != nullptr) rd_kafka_metadata_destroy(found);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw Failure(Code::broker_unreachable,
                    fmt::format("no Kafka broker answers at {}: {}", options_.brokers,
                                rd_kafka_err2str(error)),
                    "start `hansa up`, or name one that runs by --broker HOST:PORT");
  }

  rd_kafka_resp_err_t offer(Outgoing const& record) {
    auto const none = std::string_view{};
    auto const key = record.key.value_or(none), value = record.value.value_or(none);
    std::vector<rd_kafka_vu_t> parts(5);
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = options_.topic.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    parts[1].u.i32 = record.partition.value_or(RD_KAFKA_PARTITION_UA);
    parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[2].u.i = RD_KAFKA_MSG_F_COPY;
    parts[3].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[3].u.ptr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(record.number));
    parts[4].vtype = RD_KAFKA_VTYPE_VALUE;
    // An empty value is no tombstone: the pointer tells them apart.
    parts[4].u.mem.ptr =
        record.value ? const_cast<char*>(value.empty() ? "" : value.data()) : nullptr;
    parts[4].u.mem.size = value.size();
    if (record.key) {
      auto& part = parts.emplace_back();
      part.vtype = RD_KAFKA_VTYPE_KEY;
      part.u.mem.ptr = const_cast<char*>(key.empty() ? "" : key.data());
      part.u.mem.size = key.size();
    }
    for (auto const& [name, text] : record.headers) {
      auto& part = parts.emplace_back();
      part.vtype = RD_KAFKA_VTYPE_HEADER;
      part.u.header.name = name.c_str();
      part.u.header.val = text.data();
      part.u.header.size = static_cast<ssize_t>(text.size());
    }
    std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> const error(
        rd_kafka_produceva(client_.get(), parts.data(), parts.size()), &rd_kafka_error_destroy);
    return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  ProducerOptions options_;
  std::function<void(Fate const&)> told_;
  Client client_;
};

Producer::Producer(ProducerOptions options, std::function<void(Fate const&)> told)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(told))) {}
Producer::~Producer() = default;
Result<void> Producer::send(Outgoing const& record) { return impl_->send(record); }
void Producer::poll() { impl_->poll(); }
void Producer::flush() { impl_->flush(); }

}  // namespace hansa::kafka
