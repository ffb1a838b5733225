#include "mesh/mesh.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "mesh/load.h"
#include "mesh/names.h"
#include "mesh/topic_options.h"
#include "spec/golden.h"

namespace hansa::mesh {
namespace {

std::filesystem::path testdata(std::string const& name) {
  return std::filesystem::path(HANSA_TESTDATA) / name;
}

// Writes a case's files over those of testdata/base.txt. "link PATH -> TARGET" makes a symbolic
// link, "remove PATH" leaves a file of the base out.
void write_folder(std::filesystem::path const& folder, golden::Case const& golden) {
  auto sections = golden::parse_sections(golden::read_file(testdata("base.txt")));
  sections.insert(sections.end(), golden.sections.begin(), golden.sections.end());
  for (golden::Section const& section : sections) {
    std::string_view const name = section.name;
    std::size_t const arrow = name.find(" -> ");
    if (name.starts_with("link ")) {
      std::filesystem::path const link = folder / name.substr(5, arrow - 5);
      std::filesystem::create_directories(link.parent_path());
      std::filesystem::create_symlink(name.substr(arrow + 4), link);
    } else if (name.starts_with("remove ")) {
      std::filesystem::remove_all(folder / name.substr(7));
    } else {
      golden::write_file(folder / name, section.body);
    }
  }
}

std::string list(std::vector<ColumnName> const& columns) {
  std::string out;
  for (ColumnName const& column : columns) out += (out.empty() ? "" : ", ") + column.text();
  return out;
}

std::string describe(Column const& column) {
  std::string out = fmt::format("    {} {}", column.name.text(), types::to_text(column.type));
  if (column.physical_name != column.name.text()) out += " as " + column.physical_name;
  if (column.required) out += " required";
  if (column.unique) out += " unique";
  if (column.identity) out += " identity";
  if (column.orderable) out += " orderable";
  if (column.deprecated) out += " deprecated";
  if (!column.classification.empty()) out += " " + column.classification;
  if (!column.renamed_from.empty()) out += " from " + column.renamed_from;
  if (column.default_value) {
    bool const literal = column.default_value->kind == Default::Kind::literal;
    out += fmt::format(" default {}{}", literal ? "= " : "", column.default_value->text);
  }
  if (column.reference) {
    Reference const& to = *column.reference;
    out += fmt::format(" -> {}.{}.{}{}", to.domain.text(), to.object.text(), to.column.text(),
                       to.crosses_domains ? " (logical)" : "");
  }
  types::Rules const& rules = column.rules;
  if (rules.min_length) out += fmt::format(" minLength {}", *rules.min_length);
  if (rules.max_length) out += fmt::format(" maxLength {}", *rules.max_length);
  if (rules.minimum) out += fmt::format(" minimum {}", *rules.minimum);
  if (rules.maximum) out += fmt::format(" maximum {}", *rules.maximum);
  if (rules.exclusive_maximum) out += fmt::format(" exclusiveMaximum {}", *rules.exclusive_maximum);
  if (rules.pattern) out += fmt::format(" pattern {}", *rules.pattern);
  if (rules.format) out += fmt::format(" format {}", *rules.format);
  if (!rules.valid_values.empty()) {
    out += fmt::format(" values {}", fmt::join(rules.valid_values, "|"));
  }
  for (json::Value const& example : column.examples) out += " e.g. " + json::to_text(example);
  return out + "\n";
}

std::string describe(Object const& object) {
  constexpr std::array kinds = {"table", "topic", "view"};
  std::string out =
      fmt::format("  {} {} as {}{}{}{}\n", kinds[static_cast<std::size_t>(object.kind)],
                  object.name.text(), object.physical_name, object.managed ? "" : " unmanaged",
                  object.renamed_from.empty() ? "" : " from " + object.renamed_from,
                  object.seed_file.empty() ? "" : " seed " + object.seed_file);
  for (Column const& column : object.columns) out += describe(column);
  for (Index const& index : object.indexes) {
    out += fmt::format("    index {} ({}){}\n", index.name, list(index.columns),
                       index.unique ? " unique" : "");
  }
  return out;
}

std::string describe(Topic const& topic) {
  std::string const retention =
      topic.retention ? fmt::format("{} ms", topic.retention->count()) : "for ever";
  std::string out = fmt::format(
      "topic {} of {}/{}: {} {} of {}\n  {} {} {} {}, {} partitions, {} bytes, kept {}\n"
      "  record {} in {}, event {} from {}\n  fields {} key ({}){}{}\n",
      topic.name, topic.domain.text(), topic.product.text(), to_text(topic.source),
      topic.object.text(), topic.contract.text(), topic.version, to_text(topic.format),
      to_text(topic.cleanup), to_text(topic.compatibility), topic.partitions,
      topic.message_bytes_max, retention, topic.record_name, topic.record_namespace,
      topic.event_type, topic.event_source, list(topic.fields), list(topic.key),
      topic.left_out.empty() ? "" : " left out ", list(topic.left_out));
  if (topic.emission) {
    Emission const& emission = *topic.emission;
    out += fmt::format("  after{}{}{} on {} {}: [{}]\n", emission.on_insert ? " insert" : "",
                       emission.on_update ? " update" : "", emission.on_delete ? " delete" : "",
                       emission.table.text(), emission.file.empty() ? "copied" : emission.file,
                       emission.sql);
  }
  return out;
}

std::string describe(Subscription const& port) {
  bool const latest = port.from == Subscription::From::latest;
  bool const halts = port.on_error == Subscription::OnError::halt;
  Reaction const& reaction = port.reaction;
  std::string writes;
  for (ObjectName const& table : reaction.writes) writes += " " + table.text();
  std::string out = fmt::format(
      "subscription {} to {} from {}, on error {}, dead letters {}\n  {} {} {} needs ({}) "
      "writes{}: [{}]\n",
      port.group, port.topic, latest ? "latest" : "earliest", halts ? "halt" : "dead letter",
      port.dead_letters, reaction.file, to_text(reaction.kind), reaction.batch,
      list(reaction.needs), writes, reaction.sql);
  if (!reaction.rejected_sql.empty()) {
    out += fmt::format("  {}: [{}]\n", reaction.rejected_file, reaction.rejected_sql);
  }
  if (!reaction.test_file.empty()) out += "  tested by " + reaction.test_file + "\n";
  return out;
}

std::string describe(Mesh const& mesh) {
  std::string out = fmt::format("mesh {}\n", mesh.name.text());
  for (auto const& [name, each] : mesh.environments) {
    out += fmt::format("environment {} {}:{} {}postgres {} seed {} connections {}\n", name,
                       each.listen_host, each.listen_port, each.url.empty() ? "" : each.url + " ",
                       each.postgres ? each.postgres->reference : "private", each.seed,
                       each.connections_max);
    for (auto const& [domain, secret] : each.domain_postgres) {
      out += fmt::format("  {} {}\n", domain.text(), secret.reference);
    }
  }
  for (Domain const& domain : mesh.domains) {
    out += fmt::format("domain {} team {} members {}\n", domain.name.text(), domain.team,
                       domain.members.size());
    for (Contract const& contract : domain.contracts) {
      out += fmt::format("contract {} {}\n", contract.id.text(), contract.version);
      for (Object const& object : contract.objects) out += describe(object);
    }
  }
  for (Served const& each : mesh.served()) {
    out += fmt::format("served {}/v{}/{} by {}\n", each.domain->name.text(),
                       number(each.contract->major), each.object->name.text(),
                       each.product->name.text());
  }
  for (Topic const& topic : mesh.topics) out += describe(topic);
  for (Subscription const& port : mesh.subscriptions) out += describe(port);
  return out;
}

void check_loading(std::string const& folder_name, bool good) {
  auto const cases = golden::cases(testdata(folder_name));
  EXPECT_FALSE(cases.empty());
  for (golden::Case const& each : cases) {
    golden::TemporaryFolder folder;
    write_folder(folder.path(), each);
    Loaded const loaded = load(folder.path());
    EXPECT_EQ(loaded.mesh.has_value(), good) << each.file;
    EXPECT_EQ(loaded.mesh.has_value(), !loaded.diagnostics.has_errors()) << each.file;
    std::string text = to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off);
    if (loaded.mesh) text += describe(*loaded.mesh);
    golden::check(each, text);
  }
}

TEST(Load, RefusesWithAllMistakesAtOnce) { check_loading("bad", false); }

TEST(Load, ResolvesNamesTypesAndPorts) { check_loading("good", true); }

TEST(Load, TheBaseOfTheCasesIsGood) {
  golden::TemporaryFolder folder;
  write_folder(folder.path(), {});
  Loaded const loaded = load(folder.path());
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off), "");
  EXPECT_TRUE(loaded.mesh.has_value());
}

TEST(Load, SaysWhenThereIsNoFolder) {
  Loaded const loaded = load("/nonexistent/hansa");
  EXPECT_FALSE(loaded.mesh.has_value());
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), {}, Colour::off),
            "/nonexistent/hansa: error: no such folder [H1010 unreadable-file]\n");
}

// A link to nowhere would be reported if the folder were walked.
TEST(Load, LooksNoFurtherWithoutMeshYaml) {
  golden::TemporaryFolder folder;
  golden::write_file(folder.path() / "domains/a/domain.yaml", "{");
  std::filesystem::create_symlink("nowhere", folder.path() / "dead.yaml");
  Loaded const loaded = load(folder.path());
  EXPECT_FALSE(loaded.mesh.has_value());
  EXPECT_TRUE(loaded.sources.empty());
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off),
            "mesh.yaml: error: no mesh.yaml here; a mesh is a folder that holds one "
            "[H1014 missing-file]\n"
            "  hint: write one with `hansa init DIR`, or name the folder of your mesh\n");
}

TEST(Fixes, WriteWhatFollowsAndNothingTheSecondTime) {
  for (golden::Case const& each : golden::cases(testdata("fix"))) {
    golden::TemporaryFolder folder;
    write_folder(folder.path(), each);
    std::string text;
    for (Fix const& fix : fixes(folder.path())) {
      text += fmt::format("== {}: {}\n{}", fix.file, fix.reason, fix.text);
      golden::write_file(folder.path() / fix.file, fix.text);
    }
    EXPECT_TRUE(fixes(folder.path()).empty()) << each.file;
    Loaded const loaded = load(folder.path());
    text += to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off);
    golden::check(each, text);
  }
}

std::filesystem::path example() {
  return std::filesystem::path(HANSA_SOURCE) / "examples/ecommerce";
}

TEST(Example, LoadsWithoutAWord) {
  Loaded const loaded = load(example());
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off), "");
  ASSERT_TRUE(loaded.mesh.has_value());
  EXPECT_EQ(loaded.mesh->served().size(), 6U);
  EXPECT_TRUE(fixes(example()).empty());
}

// The smallest mesh of docs/language.md: each file follows its name in a block of its own.
void write_documented(std::filesystem::path const& folder) {
  std::string const page =
      golden::read_file(std::filesystem::path(HANSA_SOURCE) / "docs/language.md");
  constexpr std::string_view mark = "\n`library/";
  for (std::size_t at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1)) {
    std::size_t const name = at + mark.size();
    std::size_t const text = page.find('\n', page.find("```", name)) + 1;
    golden::write_file(folder / page.substr(name, page.find('`', name) - name),
                       page.substr(text, page.find("```", text) - text));
  }
}

TEST(Documentation, ItsSmallestMeshLoadsWithoutAWord) {
  golden::TemporaryFolder folder;
  write_documented(folder.path());
  Loaded const loaded = load(folder.path());
  EXPECT_EQ(to_text(loaded.diagnostics.sorted(), loaded.sources, Colour::off), "");
  ASSERT_TRUE(loaded.mesh.has_value());
  ASSERT_EQ(loaded.mesh->served().size(), 1U);
  EXPECT_FALSE(loaded.mesh->served().front().object->seed_file.empty());
  EXPECT_TRUE(fixes(folder.path()).empty());
}

// Whatever is written in a contract has an effect or a reason why not.
TEST(Effects, SayEverythingOfTheExample) {
  Loaded const loaded = load(example());
  EXPECT_GT(loaded.effects.size(), 100U);
  std::set<FieldEffect::Effect> seen;
  for (FieldEffect const& effect : loaded.effects) {
    EXPECT_FALSE(effect.by.empty()) << effect.path;
    EXPECT_NE(effect.where.line, 0U) << effect.path;
    seen.insert(effect.effect);
  }
  EXPECT_EQ(seen.size(), 3U);  // nothing of the example is ignored
  auto const limit = std::ranges::find_if(loaded.effects, [](FieldEffect const& effect) {
    return effect.path == "schema[0].properties[1].logicalTypeOptions.maxLength" &&
           effect.where.file.ends_with("product.v1.odcs.yaml");
  });
  ASSERT_NE(limit, loaded.effects.end());
  EXPECT_EQ(limit->effect, FieldEffect::Effect::enforced);
}

// The shop of testdata/good/events.txt.
TEST(Streams, AreFound) {
  golden::TemporaryFolder folder;
  write_folder(folder.path(),
               {{}, golden::parse_sections(golden::read_file(testdata("good/events.txt"))), {}});
  Loaded const loaded = load(folder.path());
  ASSERT_TRUE(loaded.mesh.has_value());
  Mesh const& mesh = *loaded.mesh;
  Topic const* const placed = mesh.find_topic("orders-order_placed-v1");
  ASSERT_NE(placed, nullptr);
  EXPECT_EQ(mesh.find_topic("orders-order_placed-v2"), nullptr);
  EXPECT_EQ(mesh.object_of(*placed).name.text(), "order_placed");
  auto const fed = mesh.topics_of_table(DomainName("orders"), ObjectName("order"));
  EXPECT_EQ(fed, (std::vector<Topic const*>{placed}));
  EXPECT_TRUE(mesh.topics_of_table(DomainName("products"), ObjectName("order")).empty());
  DomainName const products("products");
  Subscription const* const port =
      mesh.find_subscription(products, ProductName("catalog"), "order_placed");
  ASSERT_NE(port, nullptr);
  EXPECT_EQ(port->topic, placed->name);
  EXPECT_EQ(mesh.find_subscription(products, ProductName("catalog"), "order"), nullptr);
}

// SQL larger than its parser may see is a limit of the language, not a mistake of syntax.
TEST(Streams, KeepTheLimitOfSql) {
  golden::TemporaryFolder folder;
  write_folder(folder.path(),
               {{}, golden::parse_sections(golden::read_file(testdata("good/events.txt"))), {}});
  std::string const file = "domains/products/catalog/on/order_placed.sql";
  std::string const reaction = golden::read_file(folder.path() / file);
  golden::write_file(folder.path() / file, reaction + std::string(70'000, ' '));
  auto const found = load(folder.path()).diagnostics.sorted();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().code, Code::sql_limit);
  EXPECT_EQ(found.front().where.file, file);
}

TEST(Retention, IsAWholeNumberOfAUnit) {
  auto const check = [](std::string_view value, std::string_view unit, std::int64_t expected) {
    auto const retention = parse_retention(value, unit);
    ASSERT_TRUE(retention.has_value()) << value << unit;
    EXPECT_EQ(retention->time ? retention->time->count() : -1, expected) << value << unit;
  };
  check("1", "ms", 1);
  check("2", "seconds", 2000);
  check("1", "minute", 60'000);
  check("3", "h", 10'800'000);
  check("7", "days", 604'800'000);
  check("1", "w", 604'800'000);
  check("1", "month", 2'592'000'000);
  check("100", "y", 3'153'600'000'000);
  check("unlimited", "", -1);
  for (auto const& [value, unit] :
       std::initializer_list<std::pair<char const*, char const*>>{{"", ""},
                                                                  {"7", ""},
                                                                  {"7", "m"},
                                                                  {"7", "day s"},
                                                                  {"0", "days"},
                                                                  {"-1", "days"},
                                                                  {"1.5", "days"},
                                                                  {"101", "years"},
                                                                  {"9223372036854775808", "ms"},
                                                                  {"unlimited", "days"},
                                                                  {"7 ", "days"}}) {
    EXPECT_FALSE(parse_retention(value, unit).has_value()) << value << unit;
  }
}

// What `check --fields` says of the files of domain orders.
TEST(Effects, FollowFromPorts) {
  for (golden::Case const& each : golden::cases(testdata("fields"))) {
    golden::TemporaryFolder folder;
    write_folder(folder.path(), each);
    std::string text;
    for (FieldEffect const& effect : load(folder.path()).effects) {
      constexpr std::array names = {"enforced", "served", "documented", "ignored"};
      std::string const& file = effect.where.file;
      if (!file.starts_with("domains/orders/") && file != "mesh.yaml") continue;
      text += fmt::format("{} {}: {}, {}\n", file.substr(file.rfind('/') + 1), effect.path,
                          names.at(static_cast<std::size_t>(effect.effect)), effect.by);
    }
    golden::check(each, text);
  }
}

TEST(Names, OfRolesAndSchemasFit) {
  MeshName const mesh("abcdefghijklmnopqrstuvw");
  DomainName const domain("abcdefghijklmnopqrstuvwxyz01234");
  Diagnostics diagnostics;
  EXPECT_TRUE(check_name(NameKind::mesh, mesh.text(), {}, diagnostics));
  EXPECT_TRUE(check_name(NameKind::domain, domain.text(), {}, diagnostics));
  for (RoleKind const kind : {RoleKind::owner, RoleKind::runtime, RoleKind::view, RoleKind::emit}) {
    EXPECT_LE(role_name(mesh, domain, kind).size(), identifier_bytes_max);
  }
  EXPECT_EQ(role_name(MeshName("shop"), DomainName("products"), RoleKind::owner),
            "shop_products_owner");
  EXPECT_EQ(store_schema(DomainName("products")), "products");
  EXPECT_EQ(view_schema(DomainName("products"), Major{2}), "products_v2");
}

TEST(Names, OfIndexesAreCutTheSameWayEveryTime) {
  EXPECT_EQ(index_name("product", {"sku"}, "key"), "product_sku_key");
  std::string const table(40, 't');
  std::string const one = index_name(table, {std::string(40, 'a'), "x"}, "idx");
  std::string const two = index_name(table, {std::string(40, 'a'), "y"}, "idx");
  EXPECT_EQ(one.size(), identifier_bytes_max);
  EXPECT_TRUE(one.ends_with("_idx"));
  EXPECT_NE(one, two);
  EXPECT_EQ(one, index_name(table, {std::string(40, 'a'), "x"}, "idx"));
}

void check_name_case(NameKind kind, std::string_view name, bool good) {
  Diagnostics diagnostics;
  EXPECT_EQ(check_name(kind, name, {}, diagnostics), good) << name;
  EXPECT_EQ(diagnostics.has_errors(), !good) << name;
}

TEST(Names, AreShortPlainAndNotReserved) {
  for (std::string_view const good : {"a", "order", "order_placed", "v1", "x_v", "x_vv1"}) {
    check_name_case(NameKind::object, good, true);
  }
  for (std::string_view const bad :
       {"", "A", "1a", "_a", "a-b", "a b", "é", "pg_x", "pgx", "docs", "hansa", "a_v1",
        "a\"; drop table x; --", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    check_name_case(NameKind::object, bad, false);
  }
  for (std::string_view const bad : {"select", "order", "ctid", "xmin", "_x"}) {
    check_name_case(NameKind::column, bad, false);
  }
  for (std::string_view const bad : {"a_b", "public", "pgdata", "metrics"}) {
    check_name_case(NameKind::domain, bad, false);
  }
  check_name_case(NameKind::domain, "catalog", true);
  check_name_case(NameKind::topic, "orders-topic", true);
  check_name_case(NameKind::topic, "..", false);
  check_name_case(NameKind::topic, "__consumer_offsets", false);
  check_name_case(NameKind::topic, "_schemas", false);
  check_name_case(NameKind::topic, "_mine", true);
  check_name_case(NameKind::topic, std::string(249, 'a'), true);
  check_name_case(NameKind::topic, std::string(250, 'a'), false);
  check_name_case(NameKind::physical_table, "Legacy$Table", true);
  check_name_case(NameKind::physical_table, "a\"b", false);
}

}  // namespace
}  // namespace hansa::mesh
