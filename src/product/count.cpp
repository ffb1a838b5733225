#include "product/count.h"

#include <charconv>

#include "json/value.h"
#include "product/statement.h"

namespace hansa::product {
namespace {

// Negative numbers, which reltuples is before the first ANALYZE, are 0.
std::uint64_t to_count(std::string_view digits) {
  std::uint64_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

async::Task<std::uint64_t> ask(postgres::Lease& lease, Statement statement) {
  auto const rows = co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  co_return rows.size() == 0 ? 0 : to_count(rows.value(0, 0));
}

}  // namespace

std::uint64_t planned_rows(std::string_view explained) {
  auto const document = json::parse(explained);
  json::Array const* plans = document ? document->as_array() : nullptr;
  json::Value const* plan = plans && !plans->empty() ? plans->front().find("Plan") : nullptr;
  json::Value const* rows = plan ? plan->find("Plan Rows") : nullptr;
  return rows && rows->as_number() ? to_count(rows->as_number()->digits) : 0;
}

async::Task<std::uint64_t> count_rows(postgres::Lease& lease, Table const& table,
                                      ReadQuery const& query) {
  if (query.count == Count::exact) co_return co_await ask(lease, count_statement(table, query));
  if (query.count == Count::estimated && query.filters.empty()) {
    auto const counted = co_await ask(lease, statistics_statement(table));
    if (counted >= statistics_rows_min) co_return counted;
  }
  Statement statement = explain_statement(table, query);
  auto const rows = co_await lease.execute(std::move(statement.sql), std::move(statement.params));
  co_return planned_rows(rows.value(0, 0));
}

}  // namespace hansa::product
