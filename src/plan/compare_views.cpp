// Views: the only thing other roles may read. Replaced in place where columns are only appended.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

using Standing = Draft::Standing;

void create_view(Draft& draft, View const& view) {
  bool const was_ours = draft.recorded(PartKind::view, view.address) != nullptr;
  draft.add(Phase::view,
            {.kind = StepKind::create_view,
             .object = to_text(view.address),
             .summary = fmt::format("create view {} ({})", to_text(view.address),
                                    counted(view.columns.size(), "column")),
             .reason = (was_ours ? "dropped by hand; " : "") + view.where,
             .run_as = view.owner,
             .sql = create_view_sql(view),
             .records = {write_record(PartKind::view, view.address, {}, view.definition)}});
  draft.live.views[view.address] = view;
}

bool only_appends(View const& desired, View const& live) {
  return desired.columns.size() >= live.columns.size() &&
         std::equal(live.columns.begin(), live.columns.end(), desired.columns.begin());
}

void replace_view(Draft& draft, View const& desired, View& live, std::string reason) {
  bool const in_place = only_appends(desired, live);
  Step step{
      .kind = StepKind::replace_view,
      .sign = Sign::change,
      .object = to_text(desired.address),
      .summary = fmt::format("{} view {} ({})", in_place ? "replace" : "drop and create",
                             to_text(desired.address), counted(desired.columns.size(), "column")),
      .reason = std::move(reason),
      .lock = LockCost::brief,
      .run_as = desired.owner,
      .records = {write_record(PartKind::view, desired.address, {}, desired.definition)}};
  auto const name = quoted(desired.address);
  if (in_place) {
    // Options that are not repeated are dropped, which is what is wanted: there are none.
    step.sql = {fmt::format("create or replace view {} as {}", name, desired.definition)};
    live.options.clear();
  } else {
    View const made = with_consumers(draft, desired, live);
    step.sql = {"drop view " + name};
    std::ranges::move(create_view_sql(made), std::back_inserter(step.sql));
    note_consumers(draft, made, step);
    live = made;
  }
  draft.add(Phase::view, std::move(step));
}

// False when the view stays in a stranger's hands.
bool mend_owner(Draft& draft, View const& desired, View& live) {
  if (live.owner == desired.owner) return true;
  auto const sql =
      fmt::format("alter view {} owner to {}", quoted(desired.address), quoted(desired.owner));
  if (!draft.may_become(live.owner)) {
    draft.refuse(
        Code::insufficient_privilege,
        fmt::format("view {} was given to {} by hand", to_text(desired.address), live.owner),
        fmt::format("run as {} or a superuser: {}", live.owner, sql));
    return false;
  }
  draft.add(Phase::view, {.kind = StepKind::alter_view_owner,
                          .sign = Sign::change,
                          .object = to_text(desired.address),
                          .summary = fmt::format("give view {} back to {}",
                                                 to_text(desired.address), desired.owner),
                          .reason = fmt::format("changed by hand; it belongs to {}", live.owner),
                          .lock = LockCost::brief,
                          .sql = {sql}});
  live.owner = desired.owner;
  std::erase_if(live.privileges, [&](auto const& right) { return right.grantee == desired.owner; });
  return true;
}

void mend_options(Draft& draft, View const& desired, View const& live) {
  if (live.options.empty()) return;
  std::vector<std::string> names;
  for (std::string const& option : live.options)
    names.push_back(option.substr(0, option.find('=')));
  draft.add(Phase::view,
            {.kind = StepKind::set_view_options,
             .sign = Sign::change,
             .object = to_text(desired.address),
             .summary = fmt::format("reset {} of view {}", listed(names), to_text(desired.address)),
             .reason = "changed by hand; views of a domain have no options",
             .lock = LockCost::brief,
             .run_as = desired.owner,
             .sql = {fmt::format("alter view {} reset ({})", quoted(desired.address),
                                 fmt::join(names, ", "))}});
}

void compare_view(Draft& draft, View const& desired) {
  auto const& address = desired.address;
  auto const found = draft.live.views.find(address);
  bool const ours = draft.recorded(PartKind::view, address) != nullptr;
  bool const other =
      draft.live.tables.contains(address) || draft.live.other_relations.contains(address);
  if (other || (found != draft.live.views.end() && !ours)) {
    draft.refuse(Code::foreign_object,
                 fmt::format("{} exists and was not made by Hansa", to_text(address)),
                 "rename or drop it");
    draft.blocked.insert(to_text(address));
    return;
  }
  if (found == draft.live.views.end()) return create_view(draft, desired);
  View& live = found->second;
  if (!mend_owner(draft, desired, live)) return;
  auto const standing =
      draft.standing(draft.recorded(PartKind::view, address), desired.definition, live.definition);
  if (standing != Standing::as_declared)
    replace_view(draft, desired, live, reason_of(standing, desired.where));
  mend_options(draft, desired, live);
}

void drop_view(Draft& draft, View const& live) {
  draft.add(Phase::drop_view, {.kind = StepKind::drop_view,
                               .sign = Sign::remove,
                               .object = to_text(live.address),
                               .summary = fmt::format("drop view {}", to_text(live.address)),
                               .reason = "no longer declared",
                               .lock = LockCost::brief,
                               .destroys_data = true,
                               .run_as = live.owner,
                               .sql = {fmt::format("drop view {}", quoted(live.address))},
                               .notes = {consumers_lose_it(live.address.schema)},
                               .records = {forget_record(PartKind::view, live.address)}});
}

}  // namespace

void compare_views(Draft& draft) {
  for (auto const& [address, view] : draft.desired.views) {
    if (view.domain != draft.domain || draft.blocked.contains(address.schema)) continue;
    bool const no_source = std::ranges::any_of(view.sources, [&](Address const& source) {
      return draft.blocked.contains(to_text(source)) || draft.blocked.contains(source.schema);
    });
    if (!no_source) compare_view(draft, view);
  }
  for (auto const& [key, recorded] : draft.live.records) {
    Address const address{key.schema, key.object};
    if (key.kind != PartKind::view || recorded.domain != draft.domain.text()) continue;
    auto const live = draft.live.views.find(address);
    if (live != draft.live.views.end() && !draft.desired.views.contains(address))
      drop_view(draft, live->second);
  }
}

}  // namespace hansa::plan
