// Table hansa.object: the records of ownership, changed in the transaction of the step they belong
// to.
#pragma once

#include <vector>

#include "base/ids.h"
#include "plan/record.h"
#include "postgres/session.h"

namespace hansa::delivery {

// Writes read how PostgreSQL prints the object now, so this comes after the statements of the step.
void change_records(postgres::Session& session, DomainName const& domain,
                    std::vector<plan::RecordChange> const& changes);

// Forgets tables, views, functions and topics of `domains` that somebody dropped and nobody
// declares any more, so that a stranger's of that name is not taken for Hansa's. For the end of an
// apply, when whatever is declared exists. Needs the schema of this version.
void forget_what_is_gone(postgres::Session& session, std::vector<DomainName> const& domains);

// Counts one more apply that ended (applied_revision). Needs the schema of this version.
void count_apply(postgres::Session& session);

}  // namespace hansa::delivery
