// What capture, which appends events, and the log, which takes them, have to agree on: names and
// numbers. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace hansa::mesh {

// Advisory locks of two integers: this class, and a number. A writer holds the one of its domain in
// shared mode from before it draws its first sid until its transaction has ended; so whoever sees
// nobody hold it that held it when a sid was read knows all rows up to that sid.
inline constexpr std::int32_t log_lock_class = 0x68736c67;  // "hslg"
inline constexpr std::int32_t log_lease_number = 0;         // who holds it is the sequencer

// The number of a domain's lock: murmur2 of "<mesh>.<domain>" as a signed integer; 1 for 0, which
// is the lease's. Two domains may share one: they then wait for each other's writers, and nothing
// else happens.
[[nodiscard]] std::int32_t log_lock_number(MeshName const& mesh, DomainName const& domain);

// In schema `hansa`.
[[nodiscard]] std::string pending_table(DomainName const& domain);     // "pending_orders"
[[nodiscard]] std::string pending_sequence(DomainName const& domain);  // "pending_orders_sid_seq"

}  // namespace hansa::mesh
