// Seed rows: the files a contract keeps for its tables, into tables that are empty.
#include <algorithm>
#include <set>

#include "delivery/delivery.h"
#include "delivery/load_file.h"

namespace hansa::delivery {
namespace {

struct Table {
  mesh::Domain const* domain;
  mesh::Object const* object;
};

bool refers_to(Table const& from, Table const& to) {
  return std::ranges::any_of(from.object->columns, [&](mesh::Column const& column) {
    return column.reference && !column.reference->crosses_domains && from.object != to.object &&
           column.reference->domain == to.domain->name &&
           column.reference->object == to.object->name;
  });
}

// Tables of the place that have a seed file, each behind the tables it refers to. Tables that refer
// to each other in a ring come in the order of the contracts.
std::vector<Table> seeded_tables(mesh::Mesh const& mesh, Place const& place) {
  std::vector<Table> waiting, ordered;
  std::set<std::pair<DomainName, std::string>> seen;  // of two majors over one table, one
  for (auto const& domain : mesh.domains) {
    if (std::ranges::find(place.domains, domain.name) == place.domains.end()) continue;
    for (auto const& contract : domain.contracts)
      for (auto const& object : contract.objects)
        if (object.kind == mesh::ObjectKind::table && !object.seed_file.empty() &&
            seen.emplace(domain.name, object.physical_name).second)
          waiting.push_back({&domain, &object});
  }
  while (!waiting.empty()) {
    auto next = std::ranges::find_if(waiting, [&](Table const& table) {
      return std::ranges::none_of(waiting,
                                  [&](Table const& other) { return refers_to(table, other); });
    });
    if (next == waiting.end()) next = waiting.begin();
    ordered.push_back(*next);
    waiting.erase(next);
  }
  return ordered;
}

bool is_empty(postgres::Session& session, Table const& table) {
  auto const name = postgres::quote_name(mesh::store_schema(table.domain->name)) + "." +
                    postgres::quote_name(table.object->physical_name);
  return session.execute("select 1 from " + name + " limit 1").size() == 0;
}

[[noreturn]] void refuse(Table const& table, LoadWriter const& writer) {
  std::string detail = table.object->seed_file + ": ";
  for (auto const& reason : writer.first_reasons())
    detail += (detail.ends_with(": ") ? "" : "; ") + reason;
  throw Failure(Code::rejected_lines, std::move(detail), "no row of the file was loaded");
}

std::size_t seed_table(mesh::Mesh const& mesh, postgres::Session& session, Table const& table) {
  std::filesystem::path const path = std::filesystem::path(mesh.folder) / table.object->seed_file;
  std::size_t rows = 0;
  session.transaction([&] {
    // Two programs that start at once: the second waits here, and finds the rows of the first.
    session.execute(
        "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))",
        {"hansa.seed " + table.domain->name.text() + "." + table.object->physical_name});
    if (!is_empty(session, table)) return;
    OpenFile const file(path);
    LoadOptions const options;
    LoadWriter writer({session, file, nullptr, nullptr}, table.domain->name, *table.object,
                      LoadPieces::within, {}, {});
    auto const format = format_of(path, LoadFormat::by_extension);
    static_cast<void>(write_file(file, format, *table.object, options, writer));
    if (writer.record().lines_rejected > 0) refuse(table, writer);
    rows = writer.record().rows_loaded;
  });
  return rows;
}

}  // namespace

std::map<std::string, std::size_t> seed(mesh::Mesh const& mesh, Place const& place) {
  std::map<std::string, std::size_t> loaded;
  for (Table const& table : seeded_tables(mesh, place)) {
    auto session = postgres::Session::open(as_runtime(place.target, mesh.name, table.domain->name));
    auto const rows = seed_table(mesh, session, table);
    loaded[table.domain->name.text() + "." + table.object->name.text()] = rows;
  }
  return loaded;
}

}  // namespace hansa::delivery
