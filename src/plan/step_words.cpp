#include <algorithm>
#include <array>

#include "plan/plan.h"

namespace hansa::plan {

std::string_view to_text(StepKind kind) {
  static constexpr std::array words = {
      "create role",
      "alter role",
      "grant membership",
      "create schema",
      "alter schema owner",
      "drop schema",
      "create table",
      "adopt table",
      "rename table",
      "drop table",
      "alter table owner",
      "add column",
      "rename column",
      "drop column",
      "alter column type",
      "set default",
      "drop default",
      "set not null",
      "drop not null",
      "set identity",
      "drop identity",
      "add constraint",
      "rename constraint",
      "validate constraint",
      "drop constraint",
      "create index",
      "rename index",
      "drop index",
      "create view",
      "replace view",
      "drop view",
      "set view options",
      "alter view owner",
      "create function",
      "replace function",
      "drop function",
      "alter function owner",
      "create trigger",
      "replace trigger",
      "drop trigger",
      "create topic",
      "alter topic",
      "drop topic",
      "grant",
      "revoke",
      "comment",
  };
  static_assert(words.size() == static_cast<std::size_t>(StepKind::comment) + 1);
  return words[static_cast<std::size_t>(kind)];
}

std::string_view to_text(LockCost cost) {
  static constexpr std::array words = {
      "no lock",
      "locks it for a moment",
      "reads the table, writers go on",
      "writers wait while it reads the table",
      "REWRITES THE TABLE while everybody waits",
  };
  static_assert(words.size() == static_cast<std::size_t>(LockCost::rewrites) + 1);
  return words[static_cast<std::size_t>(cost)];
}

bool Plan::destroys_data() const { return std::ranges::any_of(steps, &Step::destroys_data); }

}  // namespace hansa::plan
