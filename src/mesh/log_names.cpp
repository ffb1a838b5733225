#include "mesh/log_names.h"

#include "base/murmur2.h"

namespace hansa::mesh {

std::int32_t log_lock_number(MeshName const& mesh, DomainName const& domain) {
  auto const number = static_cast<std::int32_t>(murmur2(mesh.text() + "." + domain.text()));
  return number == log_lease_number ? 1 : number;
}

std::string pending_table(DomainName const& domain) { return "pending_" + domain.text(); }

std::string pending_sequence(DomainName const& domain) {
  return pending_table(domain) + "_sid_seq";
}

}  // namespace hansa::mesh
