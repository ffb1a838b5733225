// For tests: the shop of plan/shop_mesh.h on a scratch database, applied by a role that is no
// superuser.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "delivery/delivery.h"
#include "plan/shop_mesh.h"
#include "plan/shop_streams.h"
#include "postgres/scratch.h"

namespace hansa::delivery {

namespace shop = plan::shop;

class AppliedShop {
 public:
  AppliedShop()
      : mesh(shop::mesh(database.unique_name())),
        deployer(database.unique_name() + "_deployer"),
        superuser(postgres::Session::open(database.target())) {
    sql("create role " + deployer + " login createrole");
    sql("grant create on database " + database.unique_name() + " to " + deployer);
  }

  // As the superuser, who is the somebody of "by hand".
  postgres::Rows sql(std::string const& text) { return superuser.script(text); }
  std::string one(std::string const& text) {
    auto const rows = superuser.execute(text);
    return rows.size() == 0 ? "" : std::string(rows.value(0, 0));
  }

  postgres::Target target() const {
    return {.conninfo = database.conninfo() + " user=" + deployer, .application = "apply"};
  }
  Place place() const { return {.target = target(), .domains = shop::domains_of(mesh)}; }
  plan::Plan planned() const { return make_plan(mesh, place()); }
  std::string planned_text() const { return to_text(planned(), Colour::off); }
  plan::Plan applied(ApplyOptions const& options = {}) const {
    return apply(mesh, place(), options);
  }
  plan::Plan applied_whatever_is_lost() const { return applied({.allow_destructive = true}); }

  std::string role(std::string const& domain, std::string const& kind) const {
    return mesh.name.text() + "_" + domain + "_" + kind;
  }

  postgres::ScratchDatabase database;
  mesh::Mesh mesh;
  std::string deployer;
  postgres::Session superuser;
};

// The shop with its topics, and what waits in its logs.
class CapturedShop : public AppliedShop {
 public:
  CapturedShop() { shop::publish(mesh); }

  // A session that logged in as `login`, which may do what `role` may.
  postgres::Session writer(std::string const& role) const {
    auto target = this->target();
    target.role = role;
    return postgres::Session::open(target);
  }

  // Pending rows of a domain as "op key", or "op key row", in the order of their sids; taken.
  std::vector<std::string> taken(std::string const& domain, bool with_rows = false) {
    auto const rows = superuser.execute(
        "with gone as (delete from hansa.pending_" + domain +
        " returning sid, stream, op, key, row) select stream || ' ' || op || ' ' || key" +
        (with_rows ? " || coalesce(' ' || row, '')" : "") + " from gone order by sid");
    std::vector<std::string> out;
    for (std::size_t at = 0; at < rows.size(); ++at) out.emplace_back(rows.value(at, 0));
    return out;
  }

  // SQLSTATE that `text` ends in; empty when it succeeds.
  static std::string state_of(postgres::Session& session, std::string const& text) {
    try {
      session.script(text);
      return {};
    } catch (postgres::SqlError const& error) {
      return std::string(error.sqlstate());
    }
  }
};

// The error that `work` ends in; fails the test if there is none.
template <class Work>
Error error_of(Work work) {
  try {
    work();
  } catch (Failure const& failure) {
    return failure.error();
  }
  ADD_FAILURE() << "no failure";
  return {};
}

}  // namespace hansa::delivery
