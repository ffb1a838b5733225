// From a mesh to a living database: observe, plan, apply, migrate, seed. Blocking, for commands.
//
// Every function takes sessions it may use exclusively and throws Failure when the world fails.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mesh/mesh.h"
#include "plan/plan.h"
#include "postgres/session.h"

namespace hansa::delivery {

// One database and the domains that live in it. A mesh has one, or more where domains name their
// own.
struct Place {
  // As the applying login role: CREATEROLE, and CREATE on the database; never more.
  postgres::Target target;
  std::vector<DomainName> domains;
};

// Hansa's own schema (`hansa`): numbered, forward, N-1 compatible steps under an advisory lock.
// Error: schema_too_new when a newer binary wrote it. Idempotent. Creates on first use.
void migrate(postgres::Session& session);
inline constexpr int schema_version = 5;  // of this binary

// Reads the live database once and compares. Does not change anything, not even Hansa's own schema:
// on a virgin database everything is to add.
[[nodiscard]] plan::Plan make_plan(mesh::Mesh const& mesh, Place const& place);

struct ApplyOptions {
  bool allow_destructive = false;
  std::chrono::milliseconds lock_timeout{100};     // per try; DESIGN section 4
  std::chrono::milliseconds lock_patience{30000};  // tries go on until then, with jitter
  // Called before and after each step.
  std::function<void(std::size_t index, std::size_t count, plan::Step const& step, bool done)>
      progress;
  std::atomic<bool> const* interrupted = nullptr;  // asked between steps
};

// Takes the apply lock of the database (apply_in_progress if held for two seconds more), plans anew
// under it, migrates Hansa's schema and performs step by step, each in its own transaction together
// with its record of ownership. Interrupted anywhere, the next apply goes on where it stands.
// Returns the plan performed. Throws before anything is done: the first refusal of the plan, with
// the others as fields (foreign_object, incompatible_change, existing_rows_violate, ...), or
// destructive_step. Throws between steps, those before staying done: lock_not_granted,
// existing_rows_violate, step_failed, interrupted.
plan::Plan apply(mesh::Mesh const& mesh, Place const& place, ApplyOptions const& options);

// Loads seed/<object>.csv into tables that are empty, in order of references. Returns rows loaded
// by "domain.object". Same validation as load.h.
std::map<std::string, std::size_t> seed(mesh::Mesh const& mesh, Place const& place);

// Tells servers of this database to read their folders anew, as every apply does at its end: for a
// change that has no step. Does nothing where Hansa's own schema is not there.
void tell_servers(Place const& place);

// Counts the applies of this database that ended; 0 before the first. Servers ask for it to learn
// that contracts changed under them.
[[nodiscard]] std::int64_t applied_revision(postgres::Session& session);

// Whether a server of this mesh finds all it needs in the database: no step of the plan adds or
// replaces anything. What is there beyond the mesh, such as a column added by hand, does not
// matter.
[[nodiscard]] bool is_applied(plan::Plan const& plan);

// The cursor key of the mesh (32 bytes), made on first use and kept in Hansa's schema.
[[nodiscard]] std::string cursor_key(postgres::Session& session);

}  // namespace hansa::delivery
