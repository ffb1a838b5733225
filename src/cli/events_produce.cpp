// `hansa events produce`: lines become records, by the door of Kafka clients.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>

#include "cli/events.h"
#include "cli/lines.h"
#include "cli/outgoing.h"
#include "cli/running.h"
#include "cli/serving.h"
#include "cli/terminal.h"
#include "kafka/producer.h"
#include "log/schema_ids.h"
#include "render/record_schema.h"

namespace hansa::cli {
namespace {

constexpr std::size_t line_bytes_max = 16U << 20U;
constexpr std::uint16_t kafka_port = 9092;

struct Options {
  EventsOptions events;
  std::string topic, file = "-", broker;
  std::optional<std::string> value;
  KeyRule key;
  std::optional<std::int32_t> partition;
  std::vector<std::string> headers;
  bool create = false, tombstone = false;
};

[[noreturn]] void misused(std::string detail, std::string hint = {}) {
  throw Failure(Code::usage, std::move(detail), std::move(hint));
}

std::vector<kafka::Header> headers_of(Options const& options) {
  std::vector<kafka::Header> headers;
  for (std::string const& each : options.headers) {
    auto const sign = each.find('=');
    if (sign == 0 || sign == std::string::npos)
      misused(fmt::format("`{}` is no header", each), "NAME=VALUE");
    headers.emplace_back(each.substr(0, sign), each.substr(sign + 1));
  }
  return headers;
}

// That of `hansa up` for this folder, where it runs; else where the environment says that clients
// come in.
std::string broker_of(Options const& options, mesh::Mesh const& mesh) {
  if (!options.broker.empty()) return options.broker;
  auto const folder = state_folder(mesh.folder);
  if (options.events.environment == default_environment && lock_holder(folder))
    if (auto const state = read_state(folder); state && !state->kafka.empty()) return state->kafka;
  auto const& environment = environment_of(mesh, options.events.environment);
  return fmt::format(
      "{}:{}", environment.advertised_host.empty() ? "localhost" : environment.advertised_host,
      environment.advertised_port == 0 ? kafka_port : environment.advertised_port);
}

// The topic's contract; nullptr for a topic of nobody.
mesh::Topic const* contract_of(Options const& options, EventsMesh& of) {
  auto const* const topic = of.mesh().find_topic(options.topic);
  if (topic == nullptr) {
    if (!options.create) static_cast<void>(of.session_of_topic(options.topic));
    return nullptr;
  }
  if (topic->source != mesh::Topic::Source::clients)
    throw Failure(Code::record_refused,
                  fmt::format("the events of {} come from {} alone", topic->name,
                              topic->source == mesh::Topic::Source::changes ? "changes of its table"
                                                                            : "its emission"),
                  fmt::format("change rows of domain {}, by REST or SQL", topic->domain.text()));
  return topic;
}

std::uint32_t schema_id_of(mesh::Topic const* topic, EventsMesh const& of,
                           EventsOptions const& options) {
  if (topic == nullptr || topic->format != mesh::EventFormat::avro) return 0;
  auto target = system_of(environment_of(of.mesh(), options.environment), of.places());
  target.application = "hansa events produce";
  auto session = postgres::Session::open(target);
  auto const schema = avro::to_json(render::record_schema(of.mesh().object_of(*topic), *topic));
  return log::schema_id(session, log::subject_of(topic->name), json::to_text(schema));
}

class Sender {
 public:
  Sender(Options const& options, Program const& program)
      : options_(options),
        program_(program),
        of_(options.events),
        headers_(headers_of(options)),
        lines_(stdout),
        stages_(options.events.json) {}

  int run() {
    auto const* const topic = contract_of(options_, of_);
    OutgoingForm const form(of_.mesh(), topic, schema_id_of(topic, of_, options_.events),
                            options_.key);
    kafka::Producer producer({.brokers = broker_of(options_, of_.mesh()), .topic = options_.topic},
                             [this](kafka::Fate const& fate) { take(fate); });
    producer_ = &producer;
    stages_.begin("producing");
    send(form);
    producer.flush();
    stages_.drop();
    if (error_) fail();
    if (!options_.events.json) fmt::print("{}", summary());
    return 0;
  }

 private:
  bool ended() const {
    return error_ || (program_.interrupted != nullptr && *program_.interrupted);
  }

  void send(OutgoingForm const& form) {
    if (options_.tombstone) return give(1, {.key = options_.key.fixed, .value = {}});
    if (options_.value) return give_line(form, 1, *options_.value);
    std::ifstream file;
    if (options_.file != "-") {
      file.open(options_.file, std::ios::binary);
      if (!file) throw Failure(Code::io_error, fmt::format("{} cannot be read", options_.file));
    } else if (is_terminal(stdin) && !options_.events.json) {
      fmt::print(stderr, "one record a line; Ctrl-D ends\n");
    }
    BoundedLines lines(options_.file == "-" ? std::cin : file, line_bytes_max);
    std::string line;
    while (!ended()) {
      auto const more = lines.next(line);
      if (!more) return refuse(lines.number(), more.error());
      if (!*more) return;
      if (!line.empty()) give_line(form, lines.number(), line);
    }
  }

  void give_line(OutgoingForm const& form, std::uint64_t number, std::string_view line) {
    auto record = form.record(line);
    if (!record) return refuse(number, record.error());
    give(number, *record);
  }

  void give(std::uint64_t number, OutgoingRecord const& record) {
    kafka::Outgoing out{.partition = options_.partition, .headers = headers_, .number = number};
    if (record.key) out.key = *record.key;
    if (!options_.tombstone) out.value = record.value;
    if (auto const sent = producer_->send(out); !sent) return refuse(number, sent.error());
    producer_->poll();
  }

  // The first mistake ends it; the records before it are sent.
  void refuse(std::uint64_t number, Error const& error) {
    if (error_) return;
    error_ = error;
    line_ = number;
  }

  void take(kafka::Fate const& fate) {
    if (fate.error) return refuse(fate.number, *fate.error);
    ++stored_;
    auto& [first, last] =
        places_.try_emplace(fate.partition, fate.offset, fate.offset).first->second;
    first = std::min(first, fate.offset);
    last = std::max(last, fate.offset);
    if (options_.events.json) {
      auto const told =
          json::object({{"topic", json::text(options_.topic)},
                        {"partition", json::integer(fate.partition)},
                        {"offset", json::integer(fate.offset)},
                        {"line", json::integer(static_cast<std::int64_t>(fate.number))}});
      static_cast<void>(lines_.write(json::to_text(told)));
    } else {
      stages_.update(fmt::format("producing: {} records stored", with_commas(stored_)));
    }
  }

  [[noreturn]] void fail() {
    auto error = *std::move(error_);
    if (!options_.value && !options_.tombstone)
      error.detail = fmt::format("line {}: {}", line_, error.detail);
    if (stored_ > 0) {
      if (!error.hint.empty()) error.hint += "; ";
      error.hint += fmt::format("{} records are in the topic, and stay", with_commas(stored_));
    }
    throw Failure(std::move(error));
  }

  std::string summary() const {
    if (stored_ == 0) return "nothing was given, and nothing is stored\n";
    std::string out = fmt::format("{} {} stored in {}:", with_commas(stored_),
                                  stored_ == 1 ? "record is" : "records are", options_.topic);
    for (auto const& [partition, place] : places_)
      out += place.first == place.second
                 ? fmt::format(" {}@{}", partition, place.first)
                 : fmt::format(" {}@{}..{}", partition, place.first, place.second);
    return out + "\n";
  }

  Options const& options_;
  Program const& program_;
  EventsMesh of_;
  std::vector<kafka::Header> headers_;
  Lines lines_;
  Stages stages_;
  kafka::Producer* producer_ = nullptr;
  std::uint64_t stored_ = 0;
  std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> places_;  // first, last offset
  std::optional<Error> error_;
  std::uint64_t line_ = 0;
};

int produce(Options const& options, Program const& program) {
  if (options.key.fixed && options.key.of) misused("--key and --key-of are two keys", "give one");
  if (options.tombstone && (options.value || !options.key.fixed))
    misused("a tombstone is a key without a value", "--tombstone --key K");
  return Sender(options, program).run();
}

}  // namespace

void declare_events_produce(CLI::App& app, Program const& program, Action& action) {
  auto options = std::make_shared<Options>();
  app.add_option("topic", options->topic, "its name")->required();
  app.add_option("file", options->file, "of records, one a line; - is standard input")
      ->capture_default_str();
  declare_events_options(app, options->events, FolderWord::taken);
  app.add_option("--value", options->value, "one record, instead of a file");
  app.add_option("--key", options->key.fixed, "the key of every record");
  app.add_option("--key-of", options->key.of,
                 "the member of each value that is its key; default: the key of the contract");
  app.add_option("--partition", options->partition, "default: by the key, else any")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--header", options->headers, "NAME=VALUE; may be given again")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("--tombstone", options->tombstone, "a record without a value, for --key");
  app.add_flag("--create", options->create, "let a topic that is not there be made by its use");
  app.add_option("--broker", options->broker,
                 "HOST:PORT; default: that of `hansa up`, else where the environment says");
  app.footer(
      "A topic with a contract takes JSON objects of its fields, whatever its format; any other "
      "topic takes lines as they are.\n"
      "Examples:\n"
      "  hansa events produce orders-topic orders.ndjson --mesh my-shop\n"
      "  hansa events produce scratch --value hello --key 42 --create\n"
      "  jq -c '.[]' orders.json | hansa events produce orders-topic --key-of order_id --json");
  app.callback([options, &action, &program] {
    action = [options, &program] { return produce(*options, program); };
  });
}

}  // namespace hansa::cli
