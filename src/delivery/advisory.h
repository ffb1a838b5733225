// The advisory locks delivery takes, all in one class so that they meet nobody else's.
#pragma once

namespace hansa::delivery {

inline constexpr int advisory_class = 0x68616e73;  // "hans"
inline constexpr int advisory_apply = 1;           // held by the session that applies
inline constexpr int advisory_migrate = 2;         // held by the transaction that migrates

}  // namespace hansa::delivery
