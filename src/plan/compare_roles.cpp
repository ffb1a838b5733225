// The four roles of a domain: no attribute, no membership elsewhere, and the applying role their
// member.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "plan/ddl.h"
#include "plan/draft.h"

namespace hansa::plan {
namespace {

constexpr int membership_has_options = 160000;

std::string membership_sql(Applier const& applier, std::string const& role) {
  auto sql = fmt::format("grant {} to {}", quoted(role), quoted(applier.name));
  // Since 16 a membership says whether it may be used by SET ROLE and is inherited; the one that
  // CREATE ROLE gives to its creator may be neither.
  if (applier.server_version >= membership_has_options) sql += " with set true, inherit true";
  return sql;
}

void create_role(Draft& draft, Role const& role) {
  Applier const& applier = draft.live.applier;
  if (!applier.superuser && !applier.create_role) {
    draft.refuse(
        Code::insufficient_privilege,
        fmt::format("role {} does not exist and {} may not create it", role.name, applier.name),
        fmt::format("run: alter role {} createrole", quoted(applier.name)));
    return;
  }
  Step step{.kind = StepKind::create_role,
            .object = "role " + role.name,
            .summary = fmt::format("create role {}", role.name),
            .reason = "every domain has an owner, a runtime, a view and an emission role",
            .sql = {fmt::format("create role {} nologin", quoted(role.name))}};
  if (!applier.superuser) step.sql.push_back(membership_sql(applier, role.name));
  draft.add(Phase::role, std::move(step));
  Role& made = draft.live.roles[role.name] = role;
  made.reachable = true;
  draft.created_roles.insert(role.name);
}

void mend_attributes(Draft& draft, Role const& role) {
  std::vector<std::string> off, off_by_superuser;
  if (role.login) off.push_back("nologin");
  if (role.create_role) off.push_back("nocreaterole");
  if (role.create_database) off.push_back("nocreatedb");
  if (role.superuser) off_by_superuser.push_back("nosuperuser");
  if (role.replication) off_by_superuser.push_back("noreplication");
  if (role.bypass_row_security) off_by_superuser.push_back("nobypassrls");
  if (off.empty() && off_by_superuser.empty()) return;
  if (!off_by_superuser.empty() && !draft.live.applier.superuser) {
    draft.refuse(Code::insufficient_privilege,
                 fmt::format("role {} was given rights by hand that {} cannot take away", role.name,
                             draft.live.applier.name),
                 fmt::format("run as a superuser: alter role {} {}", quoted(role.name),
                             fmt::join(off_by_superuser, " ")));
    return;
  }
  off.insert(off.end(), off_by_superuser.begin(), off_by_superuser.end());
  draft.add(Phase::role,
            {.kind = StepKind::alter_role,
             .sign = Sign::change,
             .object = "role " + role.name,
             .summary = fmt::format("alter role {}: {}", role.name, fmt::join(off, ", ")),
             .reason = "changed by hand; a domain's role has no attributes",
             .sql = {fmt::format("alter role {} {}", quoted(role.name), fmt::join(off, " "))}});
}

void mend_memberships(Draft& draft, Role const& role) {
  for (std::string const& group : role.member_of)
    draft.add(Phase::role,
              {.kind = StepKind::revoke,
               .sign = Sign::remove,
               .object = "role " + role.name,
               .summary = fmt::format("revoke membership in {} from {}", group, role.name),
               .reason = "not declared; it would reach beyond its domain",
               .sql = {fmt::format("revoke {} from {}", quoted(group), quoted(role.name))}});
}

void join(Draft& draft, Role& role) {
  if (role.reachable || draft.live.applier.superuser) return;
  Applier const& applier = draft.live.applier;
  if (!role.grantable) {
    draft.refuse(Code::insufficient_privilege,
                 fmt::format("{} is not a member of role {}", applier.name, role.name),
                 fmt::format("run as a superuser: {}", membership_sql(applier, role.name)));
    return;
  }
  draft.add(Phase::role, {.kind = StepKind::grant_membership,
                          .object = "role " + role.name,
                          .summary = fmt::format("grant role {} to {}", role.name, applier.name),
                          .reason = "whoever applies acts as the domain's roles",
                          .sql = {membership_sql(applier, role.name)}});
  role.reachable = true;
}

}  // namespace

void compare_roles(Draft& draft) {
  for (auto const& [name, role] : draft.desired.roles) {
    if (role.domain != draft.domain) continue;
    auto const live = draft.live.roles.find(name);
    if (live == draft.live.roles.end()) {
      create_role(draft, role);
      continue;
    }
    join(draft, live->second);
    mend_attributes(draft, live->second);
    mend_memberships(draft, live->second);
  }
}

}  // namespace hansa::plan
