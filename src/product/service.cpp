#include "product/service.h"

#include <fmt/format.h>

#include <unordered_map>

#include "product/read.h"
#include "product/refusal.h"
#include "product/table.h"
#include "product/write.h"

namespace hansa::product {
namespace {

using Work = async::Task<Result<Answer>>;

// The one place where a failed database becomes an answer.
Work guarded(Work work, Table const& table, Act act) {
  try {
    co_return co_await std::move(work);
  } catch (postgres::SqlError const& error) {
    co_return std::unexpected(refusal(error, table, act));
  } catch (Failure const& error) {
    // Hosts, sockets and hints for an operator are not a client's business.
    Code const code = error.error().code;
    co_return std::unexpected(
        Error{.code = code, .detail = std::string(info(code).title), .cause = error.what()});
  }
}

// A POST without a key cannot be repeated blindly: where the answer was lost, say so instead of
// asking to try again.
Work told_if_unknown(Work work) {
  auto answer = co_await std::move(work);
  bool const lost = !answer && (answer.error().code == Code::database_unreachable ||
                                answer.error().code == Code::statement_timeout);
  if (lost)
    co_return std::unexpected(
        Error{.code = Code::outcome_unknown,
              .detail = "PostgreSQL's answer did not arrive: the row may or may not be written",
              .hint = "look before you repeat it; with an Idempotency-Key repeating is safe",
              .cause = std::move(answer.error().cause)});
  co_return answer;
}

// Past the commit, so that whoever is woken finds the events.
Work told(Work work, DomainName const& domain, Service::Wrote const& wrote) {
  auto answer = co_await std::move(work);
  if (answer && answer->changed) wrote(domain);
  co_return answer;
}

Work refused(Error error) { co_return std::unexpected(std::move(error)); }

bool is_derived(Table const& table) { return table.served.object->kind == mesh::ObjectKind::view; }

Error derived(Table const& table) {
  return {.code = Code::writes_not_allowed,
          .detail =
              fmt::format("`{}` is derived from other tables and cannot be written", table.name())};
}

}  // namespace

struct Service::State {
  mesh::Mesh const& mesh;
  Settings settings;
  FindDatabase databases;
  Wrote wrote;
  Lookups lookups = {};
  // Filled at construction: a request of a table that is not served would find nothing.
  std::unordered_map<mesh::Object const*, std::unique_ptr<Table const>> tables;

  Table const& table(mesh::Served const& served) {
    auto& table = tables[served.object];
    if (!table) table = std::make_unique<Table const>(mesh, served);
    return *table;
  }
  postgres::Database& database(Table const& table) const {
    return databases(table.served.domain->name);
  }
  Work change(Work work, Table const& table) const {
    auto answer = guarded(std::move(work), table, Act::write);
    if (table.topics.empty() || !wrote) return answer;
    return told(std::move(answer), table.served.domain->name, wrote);
  }
};

Service::Service(mesh::Mesh const& mesh, Settings const& settings, FindDatabase databases,
                 Wrote wrote)
    : state_(std::make_unique<State>(mesh, settings, std::move(databases), std::move(wrote))) {
  for (mesh::Served const& served : mesh.served()) static_cast<void>(state_->table(served));
}

Service::~Service() = default;

Work Service::list(mesh::Served const& served, ReadRequest request) {
  Table const& table = state_->table(served);
  return guarded(list_rows(state_->database(table), table, state_->settings, std::move(request)),
                 table, Act::read);
}

Work Service::get(mesh::Served const& served, std::string key, ReadRequest request) {
  Table const& table = state_->table(served);
  return guarded(
      get_row(state_->database(table), state_->lookups, table, std::move(key), std::move(request)),
      table, Act::read);
}

Work Service::create(mesh::Served const& served, WriteRequest request) {
  Table const& table = state_->table(served);
  if (is_derived(table)) return refused(derived(table));
  bool const repeatable = !request.idempotency_key.empty();
  auto work = state_->change(
      create_rows(state_->database(table), table, state_->settings, std::move(request)), table);
  return repeatable ? std::move(work) : told_if_unknown(std::move(work));
}

Work Service::patch(mesh::Served const& served, std::string key, WriteRequest request) {
  Table const& table = state_->table(served);
  if (is_derived(table)) return refused(derived(table));
  return state_->change(
      patch_row(state_->database(table), table, std::move(key), std::move(request)), table);
}

Work Service::remove(mesh::Served const& served, std::string key, WriteRequest request) {
  Table const& table = state_->table(served);
  if (is_derived(table)) return refused(derived(table));
  return state_->change(
      remove_row(state_->database(table), table, std::move(key), std::move(request)), table);
}

}  // namespace hansa::product
