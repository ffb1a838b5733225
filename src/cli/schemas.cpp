// `hansa schemas`: what the registry holds, and a schema tried against it or put into it.
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cli/events.h"
#include "cli/printable.h"
#include "cli/serving.h"
#include "cli/terminal.h"
#include "cli/text_table.h"
#include "registry/blocking.h"

namespace hansa::cli {
namespace {

using registry::Answer;
using registry::Service;
using registry::Version;

struct SchemasOptions : EventsOptions {
  std::string subject, version = "latest", file, type = "AVRO";
};

class Registry {
 public:
  explicit Registry(EventsOptions const& options)
      : mesh_(load_mesh(options.folder)), service_(system_target(options)) {}

  // Runs `work`; an error of the registry's API is thrown as one of ours.
  template <class T>
  T ask(std::function<async::Task<Answer<T>>(Service&)> work) {
    auto answer = service_.run<Answer<T>>(std::move(work));
    if (!answer) fail(answer.error());
    return *std::move(answer);
  }
  [[nodiscard]] registry::Blocking& service() { return service_; }

 private:
  [[nodiscard]] postgres::Target system_target(EventsOptions const& options) const {
    auto const& environment = environment_of(mesh_, options.environment);
    auto target = system_of(environment, places_of(mesh_, environment));
    target.application = "hansa schemas";
    return target;
  }

  [[noreturn]] static void fail(registry::RegistryError const& error) {
    constexpr int no_subject = 40401, no_version = 40402, no_schema = 40403, incompatible = 409;
    auto const code = error.code == no_subject || error.code == no_version ? Code::unknown_subject
                      : error.code == no_schema                            ? Code::unknown_schema
                      : error.status == incompatible ? Code::incompatible_schema
                                                     : Code::invalid_schema;
    throw Failure(code, fmt::format("{} (registry error {})", error.message, error.code),
                  code == Code::unknown_subject       ? "`hansa schemas list` shows those there are"
                  : code == Code::incompatible_schema ? "`hansa schemas check` lists the reasons"
                                                      : "");
  }

  mesh::Mesh mesh_;
  registry::Blocking service_;
};

registry::Given given(SchemasOptions const& options) {
  auto const type = registry::parse_type(options.type);
  if (!type)
    throw Failure(Code::invalid_schema, fmt::format("no schema type is called {}", options.type),
                  "AVRO or JSON");
  std::ifstream file(options.file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof())
    throw Failure(Code::io_error, fmt::format("{} cannot be read", options.file));
  if (text.empty()) throw Failure(Code::invalid_schema, fmt::format("{} is empty", options.file));
  return {.type = *type, .text = std::move(text), .references = {}};
}

json::Value to_json(Version const& of) {
  return json::object({{"subject", json::text(of.subject)},
                       {"version", json::integer(of.version)},
                       {"id", json::integer(of.id)},
                       {"schemaType", json::text(registry::to_text(of.schema.type))},
                       {"schema", json::text(of.schema.text)}});
}

int list(SchemasOptions const& options) {
  Registry registry(options);
  auto const versions = registry.service().run<std::vector<Version>>([](Service& service) {
    return service.store().all_versions("", registry::Deleted::left_out);
  });
  json::Array array;
  TextTable table({{"SUBJECT"},
                   {"VERSION", TextTable::Align::right},
                   {"ID", TextTable::Align::right},
                   {"TYPE"}});
  for (Version const& each : versions) {
    array.push_back(to_json(each));
    table.add({printable(each.subject), std::to_string(each.version), std::to_string(each.id),
               std::string(registry::to_text(each.schema.type))});
  }
  if (options.json)
    fmt::print("{}\n", json::to_pretty_text(json::array(std::move(array))));
  else
    fmt::print("{}", versions.empty() ? "the registry is empty\n" : table.text(colour_of(stdout)));
  return 0;
}

int show(SchemasOptions const& options) {
  Registry registry(options);
  auto const which = registry::parse_which(options.version);
  if (!which) throw Failure(Code::unknown_subject, which.error().message);
  auto const version = registry.ask<Version>([&](Service& service) {
    return service.version(options.subject, *which, registry::Deleted::left_out);
  });
  if (options.json) {
    fmt::print("{}\n", json::to_pretty_text(to_json(version)));
    return 0;
  }
  auto const parsed = json::parse(version.schema.text);
  fmt::print("{}\n", parsed ? json::to_pretty_text(*parsed) : printable(version.schema.text));
  return 0;
}

int check(SchemasOptions const& options) {
  Registry registry(options);
  auto const schema = given(options);
  auto const reasons = registry.ask<std::vector<std::string>>([&](Service& service) {
    return service.judge(options.subject, schema, std::nullopt, registry::Normalize::no);
  });
  if (options.json) {
    json::Array array;
    for (auto const& each : reasons) array.push_back(json::text(each));
    fmt::print("{}\n",
               json::to_pretty_text(json::object({{"compatible", json::boolean(reasons.empty())},
                                                  {"messages", json::array(std::move(array))}})));
  } else if (reasons.empty()) {
    fmt::print("{} may follow in {}\n", options.file, options.subject);
  } else {
    for (auto const& each : reasons) fmt::print("{}\n", printable(each));
  }
  return reasons.empty() ? 0 : info(Code::incompatible_schema).exit_status;
}

int put(SchemasOptions const& options) {
  Registry registry(options);
  auto const schema = given(options);
  auto const made = registry.ask<registry::Registered>([&](Service& service) {
    return service.register_schema(options.subject, schema, registry::Normalize::no, {});
  });
  if (options.json)
    fmt::print("{}\n", json::to_pretty_text(json::object({{"id", json::integer(made.id)}})));
  else
    fmt::print("{} has the id {}\n", options.subject, made.id);
  return 0;
}

using Run = int (*)(SchemasOptions const&);

void declare(CLI::App& app, Action& action, std::string_view more, Run run) {
  auto options = std::make_shared<SchemasOptions>();
  declare_events_options(app, *options, more.empty() ? FolderWord::free : FolderWord::taken);
  if (!more.empty()) app.add_option("subject", options->subject, "such as TOPIC-value")->required();
  if (more == "version")
    app.add_option("--version", options->version, "its number, or latest")->capture_default_str();
  if (more == "file") {
    app.add_option("file", options->file, "with the schema")->required();
    app.add_option("--type", options->type, "AVRO or JSON")->capture_default_str();
  }
  app.callback([options, &action, run] { action = [options, run] { return run(*options); }; });
}

}  // namespace

void declare_schemas(CLI::App& app, Program const&, Action& action) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  hansa schemas list my-shop\n"
      "  hansa schemas show products-product-v1-value --mesh my-shop\n"
      "  hansa schemas check partner-orders-value order.avsc --mesh my-shop\n"
      "  hansa schemas register partner-orders-value order.avsc --mesh my-shop");
  declare(*app.add_subcommand("list", "subjects, their versions and ids"), action, "", list);
  declare(*app.add_subcommand("show", "the schema of a subject"), action, "version", show);
  declare(
      *app.add_subcommand("check", "whether a schema may be a subject's next version, or why not"),
      action, "file", check);
  declare(*app.add_subcommand("register", "a schema as a subject's next version"), action, "file",
          put);
}

}  // namespace hansa::cli
