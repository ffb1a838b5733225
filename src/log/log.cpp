#include "log/log.h"

#include "wire/partition.h"

namespace hansa::log {

std::int32_t lock_number(MeshName const& mesh, DomainName const& domain) {
  auto const number = static_cast<std::int32_t>(wire::murmur2(mesh.text() + "." + domain.text()));
  return number == lease_number ? 1 : number;
}

std::string pending_table(DomainName const& domain) { return "pending_" + domain.text(); }

std::string pending_sequence(DomainName const& domain) {
  return pending_table(domain) + "_sid_seq";
}

std::string_view op_word(char op) {
  switch (op) {
    case 'c':
      return "create";
    case 'u':
      return "update";
    case 'd':
      return "delete";
    default:
      return {};
  }
}

}  // namespace hansa::log
