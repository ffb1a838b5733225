// `hansa events dlq`: dead letters are listed, shown, replayed, dropped.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/events.h"
#include "cli/letters_view.h"
#include "cli/terminal.h"
#include "events/dead_letters.h"
#include "events/topics.h"

namespace hansa::cli {
namespace {

using events::DeadLetter;
using events::DeadLetters;

struct Options {
  EventsOptions events;
  std::string port;
  std::vector<std::int64_t> offsets;
  bool all = false, yes = false;
  std::size_t limit = 1000;
};

// The first open letters of a port, at most `max`.
OpenLetters open_letters(mesh::Subscription const& port, postgres::Session& session,
                         std::size_t max) {
  OpenLetters open{.port = &port};
  DeadLetters letters(port, session);
  std::int64_t offset = 0;
  while (open.letters.size() <= max) {
    auto part = letters.open_from(offset);
    if (part.empty()) break;
    offset = part.back().offset + 1;
    std::ranges::move(part, std::back_inserter(open.letters));
  }
  open.more = open.letters.size() > max;
  if (open.more) open.letters.resize(max);
  return open;
}

int list(Options const& options) {
  EventsMesh of(options.events);
  std::vector<OpenLetters> ports;
  auto left = options.limit;
  for (mesh::Subscription const& port : of.mesh().subscriptions) {
    bool const wanted = options.port.empty() || &port == &of.port(options.port);
    if (!wanted) continue;
    ports.push_back(open_letters(port, of.session(port.domain), left));
    left -= ports.back().letters.size();
  }
  if (options.events.json)
    fmt::print("{}\n", json::to_pretty_text(letters_json(ports)));
  else
    fmt::print("{}", letters_text(ports, colour_of(stdout)));
  return 0;
}

int show(Options const& options) {
  EventsMesh of(options.events);
  auto const& port = of.port(options.port);
  auto const letter = DeadLetters(port, of.session(port.domain)).find(options.offsets.front());
  if (!letter) throw Failure(letter.error());
  if (options.events.json)
    fmt::print("{}\n", json::to_pretty_text(letter_json(port, *letter)));
  else
    fmt::print("{}", letter_text(port, *letter));
  return 0;
}

// What is done to each letter that was named; told as it happens, or as one document at the end.
class Doing {
 public:
  Doing(Options const& options, Program const& program, std::string_view done)
      : options_(options),
        program_(program),
        done_word_(done),
        of_(options.events),
        port_(of_.port(options.port)),
        session_(of_.open(port_.domain)),
        letters_(port_, session_) {}

  [[nodiscard]] DeadLetters& letters() { return letters_; }
  [[nodiscard]] mesh::Subscription const& port() const { return port_; }

  template <class Do>
  int each(Do act) {
    if (options_.all)
      each_open(act);
    else
      for (std::int64_t const offset : options_.offsets) one(act, letters_.find(offset), offset);
    if (options_.events.json) fmt::print("{}\n", json::to_pretty_text(document()));
    return status_;
  }

 private:
  // Those that are there now: what dies meanwhile is not asked for.
  template <class Do>
  void each_open(Do& act) {
    auto const end = letters_.end();
    std::int64_t offset = 0;
    for (auto part = letters_.open_from(offset); !part.empty(); part = letters_.open_from(offset))
      for (DeadLetter& letter : part) {
        offset = letter.offset + 1;
        if (letter.offset >= end) return;
        one(act, std::move(letter), offset - 1);
      }
  }

  template <class Do>
  void one(Do& act, Result<DeadLetter> const& letter, std::int64_t offset) {
    if (program_.interrupted != nullptr && *program_.interrupted)
      throw Failure(Code::interrupted, "interrupted: what was said is done, the rest is not");
    Result<void> const result =
        letter ? act(*letter) : Result<void>(std::unexpected(letter.error()));
    if (result) {
      done_.push_back(json::integer(offset));
      if (!options_.events.json) fmt::print("dead letter {} {}\n", offset, done_word_);
      return;
    }
    if (status_ == 0) status_ = std::max(1, info(result.error().code).exit_status);
    auto document = std::get<json::Object>(error_document(result.error()).data);
    document.emplace(document.begin(), "offset", json::integer(offset));
    refused_.push_back(json::object(std::move(document)));
    if (!options_.events.json)
      fmt::print(stderr, "{}", to_people(result.error(), colour_of(stderr)));
  }

  json::Value document() const {
    return json::object({{"port", json::text(events::port_address(port_))},
                         {std::string(done_word_), json::array(done_)},
                         {"refused", json::array(refused_)}});
  }

  Options const& options_;
  Program const& program_;
  std::string_view done_word_;
  EventsMesh of_;
  mesh::Subscription const& port_;
  postgres::Session session_;
  DeadLetters letters_;
  json::Array done_, refused_;
  int status_ = 0;
};

void require_choice(Options const& options) {
  if (options.offsets.empty() == options.all) return;
  throw Failure(Code::usage, "say which: either offsets or --all",
                fmt::format("`hansa events dlq list {}` shows them", options.port));
}

int replay(Options const& options, Program const& program) {
  require_choice(options);
  Doing doing(options, program, "replayed");
  return doing.each([&doing](DeadLetter const& letter) { return doing.letters().replay(letter); });
}

int drop(Options const& options, Program const& program) {
  require_choice(options);
  Doing doing(options, program, "dropped");
  if (options.all && !options.yes) {
    auto const agreed = confirm(fmt::format(
        "drop all dead letters of {}? Their events are not applied then", options.port));
    if (!agreed) throw Failure(agreed.error());
    if (!*agreed) throw Failure(Code::not_confirmed, "nothing was dropped");
  }
  return doing.each([&doing](DeadLetter const& letter) -> Result<void> {
    if (doing.letters().drop(letter.offset)) return {};
    return failure(Code::unknown_dead_letter,
                   fmt::format("dead letter {} was replayed or dropped before", letter.offset));
  });
}

using Run = int (*)(Options const&, Program const&);

struct Part {
  char const* name;
  char const* summary;
  char const* footer;
  Run run;
};

// The subcommand with what all of them take.
std::shared_ptr<Options> declare_part(CLI::App& app, Part const& part, Program const& program,
                                      Action& action) {
  auto options = std::make_shared<Options>();
  auto* const sub = app.add_subcommand(part.name, part.summary);
  bool const lists = std::string_view(part.name) == "list";
  sub->add_option("port", options->port, "domain/port")->required(!lists);
  declare_events_options(*sub, options->events, FolderWord::taken);
  sub->footer(part.footer);
  sub->callback([options, &action, &program, run = part.run] {
    action = [options, &program, run] { return run(*options, program); };
  });
  return options;
}

}  // namespace

void declare_events_dlq(CLI::App& app, Program const& program, Action& action) {
  app.require_subcommand(1);
  app.footer(
      "A dead letter broke a rule of its consumer: look at it, mend the data or the "
      "reaction, replay it.");
  auto const of_list =
      declare_part(app,
                   {"list", "those that were neither replayed nor dropped",
                    "Example: hansa events dlq list products/order_placed --mesh my-shop",
                    [](Options const& options, Program const&) { return list(options); }},
                   program, action);
  app.get_subcommand("list")
      ->add_option("--limit", of_list->limit, "of letters shown")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  auto const of_show = declare_part(
      app,
      {"show", "one, with its event", "Example: hansa events dlq show products/order_placed 3",
       [](Options const& options, Program const&) { return show(options); }},
      program, action);
  app.get_subcommand("show")
      ->add_option("offset", of_show->offsets, "in the topic of dead letters")
      ->required()
      ->expected(1);
  auto const of_replay = declare_part(
      app,
      {"replay", "run the reaction again with each event, once",
       "Each is a transaction of its own: refused again, nothing of it has changed, and the exit\n"
       "status is that of the first error.\n"
       "Examples:\n"
       "  hansa events dlq replay products/order_placed 3 4\n"
       "  hansa events dlq replay products/order_placed --all",
       replay},
      program, action);
  auto const of_drop = declare_part(app,
                                    {"drop", "give events up",
                                     "Examples:\n"
                                     "  hansa events dlq drop products/order_placed 3\n"
                                     "  hansa events dlq drop products/order_placed --all --yes",
                                     drop},
                                    program, action);
  for (auto const& [name, options] : {std::pair("replay", of_replay), std::pair("drop", of_drop)}) {
    auto* const sub = app.get_subcommand(name);
    sub->add_option("offset", options->offsets, "in the topic of dead letters");
    sub->add_flag("--all", options->all, "all there are now");
  }
  app.get_subcommand("drop")->add_flag("--yes", of_drop->yes, "do not ask about --all");
}

}  // namespace hansa::cli
