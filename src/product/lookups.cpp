#include "product/lookups.h"

#include <charconv>
#include <vector>

#include "async/spawn.h"
#include "product/array.h"
#include "product/short_statement.h"

namespace hansa::product {
namespace {

struct Waiting {
  postgres::Params key;
  async::Suspended<std::optional<Found>> caller;
};
using Batch = std::vector<std::shared_ptr<Waiting>>;

void answer(Waiting& waiting, std::optional<Found> found) {
  if (!waiting.caller.empty()) waiting.caller.resume(std::move(found));
}

void refuse(Waiting& waiting, std::exception_ptr const& error) {
  if (!waiting.caller.empty()) waiting.caller.fail(error);
}

Statement many(Table const& table, Batch const& batch) {
  Statement statement{.sql = table.get_many_sql, .params = {}};
  for (std::size_t part = 0; part < table.key.size(); ++part) {
    ArrayLiteral list;
    for (auto const& waiting : batch) list.add(waiting->key[part]);
    statement.params.emplace_back(std::move(list).finish());
  }
  return statement;
}

// The last column is the place of a row's key among those asked for, counted from 1.
std::size_t place_of(postgres::Rows const& rows, std::size_t row) {
  auto const digits = rows.value(row, rows.columns() - 1);
  std::size_t place = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), place);
  return place - 1;
}

async::Task<void> ask_alone(postgres::Database& database, Table const& table,
                            std::shared_ptr<Waiting> waiting) {
  try {
    Statement statement{.sql = table.get_sql, .params = waiting->key};
    auto rows = co_await run_short(database, std::move(statement), Effect::reads);
    std::optional<Found> found;
    if (rows.size() > 0) found = {std::make_shared<postgres::Rows const>(std::move(rows)), 0};
    answer(*waiting, std::move(found));
  } catch (std::exception const&) {
    refuse(*waiting, std::current_exception());
  }
}

// False when PostgreSQL refused the statement.
async::Task<bool> ask_together(postgres::Database& database, Table const& table,
                               Batch const& batch) {
  auto const statement = many(table, batch);
  std::shared_ptr<postgres::Rows const> rows;
  try {
    auto params = statement.params;
    rows = std::make_shared<postgres::Rows const>(
        co_await database.read(statement.sql, std::move(params)));
  } catch (postgres::SqlError const&) {
    co_return false;
  } catch (std::exception const&) {
    for (auto const& waiting : batch) refuse(*waiting, std::current_exception());
    co_return true;
  }
  std::vector<std::optional<Found>> found(batch.size());
  for (std::size_t row = 0; row < rows->size(); ++row)
    if (auto const place = place_of(*rows, row); place < found.size()) found[place] = {rows, row};
  for (std::size_t i = 0; i < batch.size(); ++i) answer(*batch[i], std::move(found[i]));
  co_return true;
}

async::Task<void> ask(postgres::Database& database, Table const& table, Batch batch) {
  if (batch.size() > 1 && co_await ask_together(database, table, batch)) co_return;
  auto const executor = co_await async::this_executor;
  for (auto& waiting : batch)
    async::spawn(executor, ask_alone(database, table, std::move(waiting)));
}

}  // namespace

struct Lookups::Group {
  postgres::Database& database;
  Table const& table;
  Batch waiting;

  void send(async::Executor const& executor) {
    if (waiting.empty()) return;
    async::spawn(executor, ask(database, table, std::exchange(waiting, {})));
  }
};

async::Task<std::optional<Found>> Lookups::find(postgres::Database& database, Table const& table,
                                                postgres::Params key) {
  auto const executor = co_await async::this_executor;
  auto& kept = groups_[{&database, &table}];
  if (!kept) kept = std::make_shared<Group>(database, table);
  auto const group = kept;
  auto keep = [group, executor, key = std::move(key)](auto handler) mutable {
    auto waiting = std::make_shared<Waiting>(std::move(key));
    auto give_up = [weak = std::weak_ptr(waiting)] {
      if (auto const self = weak.lock(); self && !self->caller.empty()) self->caller.cancelled();
    };
    waiting->caller.hold(std::move(handler), std::move(give_up));
    group->waiting.push_back(std::move(waiting));
    if (group->waiting.size() >= keys_max) return group->send(executor);
    if (group->waiting.size() == 1)
      async::later(executor, [group, executor] { group->send(executor); });
  };
  co_return co_await async::suspend<std::optional<Found>>(std::move(keep));
}

}  // namespace hansa::product
