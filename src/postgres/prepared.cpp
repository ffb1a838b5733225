#include "postgres/prepared.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace hansa::postgres {

bool is_stale(PGresult const* answer) {
  constexpr std::array<std::string_view, 3> states{"0A000", "26000", "42P05"};
  char const* const state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return state && std::ranges::find(states, std::string_view(state)) != states.end();
}

PreparedStatements::PreparedStatements(std::uint64_t epoch, std::size_t statements_max)
    : prefix_("h" + std::to_string(epoch) + "_"),
      statements_max_(std::max<std::size_t>(statements_max, 1)) {}

std::string_view PreparedStatements::find(std::string_view sql) {
  auto const found = by_text_.find(sql);
  if (found == by_text_.end()) return {};
  if (found->second != recent_.begin()) recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->name;
}

std::string_view PreparedStatements::add(std::string_view sql) {
  assert(!by_text_.contains(sql));
  if (recent_.size() >= statements_max_) drop(std::prev(recent_.end()));
  recent_.push_front({std::string(sql), prefix_ + std::to_string(++count_)});
  by_text_.emplace(recent_.front().sql, recent_.begin());
  return recent_.front().name;
}

void PreparedStatements::forget(std::string_view sql, std::string_view name) {
  auto const found = by_text_.find(sql);
  if (found != by_text_.end() && found->second->name == name) drop(found->second);
}

void PreparedStatements::drop(Statements::iterator statement) {
  by_text_.erase(statement->sql);
  dropped_.push_back(std::move(statement->name));
  recent_.erase(statement);
}

std::string PreparedStatements::take_dropped() {
  if (dropped_.empty()) return {};
  std::string name = std::move(dropped_.front());
  dropped_.pop_front();
  return name;
}

}  // namespace hansa::postgres
