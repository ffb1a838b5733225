#include "cli/greeting.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/shell.h"
#include "json/value.h"
#include "types/type.h"

namespace hansa::cli {
namespace {

json::Value sample(mesh::Column const& column) {
  if (!column.examples.empty()) return column.examples.front();
  return types::example(column.type, column.rules, 0);
}

// The smallest body POST takes: what is required and has no value of its own.
std::string smallest_body(mesh::Object const& object) {
  json::Object members;
  for (mesh::Column const& column : object.columns)
    if (column.required && !column.identity && !column.default_value)
      members.emplace_back(column.name.text(), sample(column));
  return json::to_text(json::object(std::move(members)));
}

}  // namespace

std::string greeting(mesh::Mesh const& mesh, Addresses const& addresses,
                     std::string const& conninfo) {
  auto const& url = addresses.url;
  auto out = fmt::format("\nThe mesh {} is up at {}\n", mesh.name.text(), url);
  auto const served = mesh.served();
  if (served.empty()) return out + "It serves no data product yet.\n";
  // A table that points at no other makes the better first example: its POST needs nothing else.
  auto const alone = std::ranges::find_if(served, [](mesh::Served const& one) {
    return std::ranges::none_of(one.object->columns,
                                [](auto const& c) { return c.reference.has_value(); });
  });
  mesh::Served const& table = alone == served.end() ? served.front() : *alone;
  auto const schema = mesh::view_schema(table.domain->name, table.contract->major);
  auto const path = fmt::format("{}/{}/v{}/{}", url, table.domain->name.text(),
                                number(table.contract->major), table.object->name.text());
  out += fmt::format("\n  list    curl {}\n", path);
  out += fmt::format("  create  curl {} -H 'Content-Type: application/json' -d {}\n", path,
                     shell_word(smallest_body(*table.object)));
  if (!conninfo.empty())
    out += fmt::format("  SQL     psql {} -c {}\n", shell_word(conninfo),
                       shell_word(fmt::format("select * from {}.{}", schema,
                                              "\"" + table.object->name.text() + "\"")));
  if (!addresses.kafka.empty()) out += fmt::format("  Kafka   {}\n", addresses.kafka);
  if (!addresses.registry.empty()) out += fmt::format("  schemas {}\n", addresses.registry);
  out += "  docs";
  for (mesh::Domain const& domain : mesh.domains)
    for (Major const major : mesh.majors(domain))
      out += fmt::format("    {}/{}/v{}/docs\n      ", url, domain.name.text(), number(major));
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

}  // namespace hansa::cli
