// Digests, MACs and randomness, through OpenSSL. Thread safe; throws Failure(internal) only if
// OpenSSL itself fails.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hansa::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::string_view data);                             // FIPS 180-4
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view data);  // RFC 2104
// Lower-case hex, two characters a byte; of the first `bytes`.
[[nodiscard]] std::string hex(Sha256 const& digest, std::size_t bytes = 32);
// Compares in time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);
// `count` bytes from the system's generator.
[[nodiscard]] std::string random_bytes(std::size_t count);
// base64url without padding (RFC 4648 section 5); decode refuses anything else (false).
[[nodiscard]] std::string base64url(std::string_view data);
[[nodiscard]] bool base64url_decode(std::string_view text, std::string& out);

// SHA-256 over pieces, for files.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream const&) = delete;
  Sha256Stream& operator=(Sha256Stream const&) = delete;
  void update(std::string_view data);
  [[nodiscard]] Sha256 finish();

 private:
  void* context_;
};

}  // namespace hansa::crypto
