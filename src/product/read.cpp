#include "product/read.h"

#include <fmt/format.h>

#include "product/answer.h"
#include "product/count.h"
#include "product/key.h"
#include "product/page.h"
#include "product/short_statement.h"
#include "product/stopwatch.h"
#include "product/stream.h"

namespace hansa::product {
namespace {

struct Page {
  postgres::Rows rows;
  std::optional<std::uint64_t> total;
};

// The page and its total as of one moment, so that they agree.
async::Task<Page> leased_page(postgres::Database& database, Table const& table,
                              ReadQuery const& query, Statement statement) {
  Page page;
  auto lease = co_await database.lease();
  bool const counts = query.count != Count::none;
  if (counts) co_await lease.begin("isolation level repeatable read, read only");
  page.rows = co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  if (counts) {
    page.total = co_await count_rows(lease, table, query);
    co_await lease.commit();
  }
  co_return page;
}

async::Task<Answer> stream_rows(postgres::Database& database, Table const& table,
                                ReadQuery const& query, Statement statement) {
  Answer answer;
  Stopwatch const stopwatch;
  auto lease = co_await database.lease();
  answer.stream = co_await open_stream(std::move(lease), table, query, std::move(statement));
  answer.content_type = "application/x-ndjson";
  answer.database = stopwatch.elapsed();
  co_return answer;
}

async::Task<std::optional<Found>> find_columns(postgres::Database& database, Table const& table,
                                               FieldList const& select, postgres::Params key) {
  auto statement = get_statement(table, select, std::move(key));
  auto rows = co_await run_short(database, std::move(statement), Effect::reads);
  if (rows.size() == 0) co_return std::nullopt;
  co_return Found{std::make_shared<postgres::Rows const>(std::move(rows)), 0};
}

}  // namespace

std::unexpected<Error> no_such_row(Table const& table, std::string_view key) {
  return failure(Code::row_not_found, fmt::format("no `{}` has the key `{}`", table.name(), key));
}

async::Task<Result<Answer>> list_rows(postgres::Database& database, Table const& table,
                                      Settings const& settings, ReadRequest request) {
  HANSA_CO_TRY(ReadQuery const query, read_query(table, request, settings));
  std::optional<Cursor> cursor;
  if (!query.cursor.empty()) {
    HANSA_CO_TRY(cursor, unseal(query.cursor, table, query, settings.cursor_key));
  }
  Statement statement = page_statement(table, query, cursor);
  if (request.format == Format::ndjson)
    co_return co_await stream_rows(database, table, query, std::move(statement));
  Stopwatch const stopwatch;
  Page page;
  if (lane(table, query, cursor) == Lane::pipelined) {
    page.rows = co_await run_short(database, std::move(statement), Effect::reads);
  } else {
    page = co_await leased_page(database, table, query, std::move(statement));
  }
  auto const waited = stopwatch.elapsed();
  Answer answer =
      page_answer(table, query, request, cursor, page.rows, page.total, settings.cursor_key);
  answer.database = waited;
  co_return answer;
}

async::Task<Result<Answer>> get_row(postgres::Database& database, Lookups& lookups,
                                    Table const& table, std::string key, ReadRequest request) {
  HANSA_CO_TRY(FieldList const select, read_select_only(table, request.parameters));
  HANSA_CO_TRY(postgres::Params values, read_key(table, key));
  Stopwatch const stopwatch;
  auto const found = select == table.all
                         ? co_await lookups.find(database, table, std::move(values))
                         : co_await find_columns(database, table, select, std::move(values));
  auto const waited = stopwatch.elapsed();
  if (!found) co_return no_such_row(table, key);
  std::string body;
  body.reserve(table.get_sql.size() + 256);
  append_row(table, select, *found->rows, found->row, body);
  Answer answer = tagged_answer(std::move(body), request.if_none_match);
  if (request.format == Format::ndjson && answer.status == 200) {
    answer.body.push_back('\n');
    answer.content_type = "application/x-ndjson";
  }
  answer.rows = 1;
  answer.database = waited;
  co_return answer;
}

}  // namespace hansa::product
