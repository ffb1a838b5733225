#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

#include "base/result.h"

namespace hansa::crypto {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void require(bool ok) {
  if (!ok) throw Failure(Code::internal, "OpenSSL refused an operation");
}

// Fetched once: an implicit fetch at every digest costs more than the digest of a row.
EVP_MD const* sha256_algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(algorithm != nullptr);
  return algorithm;
}

int value_of(char c) {
  auto const at = alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

namespace {

// One context a thread, used again and again: making one costs more than the digest of a row.
Sha256 digest_of(std::string_view first, std::string_view second) {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local std::unique_ptr<EVP_MD_CTX, Free> const context(EVP_MD_CTX_new());
  Sha256 out;
  require(context && EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1 &&
          EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
          EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
          EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
  return out;
}

std::string_view text_of(Sha256 const& digest) {
  return {reinterpret_cast<char const*>(digest.data()), digest.size()};
}

}  // namespace

Sha256 sha256(std::string_view data) { return digest_of(data, {}); }

// RFC 2104 over the digests above; OpenSSL 3's own HMAC looks its algorithm up at every call, which
// takes ten times the digests of a cursor.
Sha256 hmac_sha256(std::string_view key, std::string_view data) {
  constexpr std::size_t block_bytes = 64;
  Sha256 const short_key = key.size() > block_bytes ? sha256(key) : Sha256{};
  if (key.size() > block_bytes) key = text_of(short_key);
  std::array<char, block_bytes> inner, outer;
  for (std::size_t i = 0; i < block_bytes; ++i) {
    char const byte = i < key.size() ? key[i] : '\0';
    inner[i] = static_cast<char>(byte ^ 0x36);
    outer[i] = static_cast<char>(byte ^ 0x5c);
  }
  Sha256 const within = digest_of({inner.data(), inner.size()}, data);
  return digest_of({outer.data(), outer.size()}, text_of(within));
}

std::string hex(Sha256 const& digest, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < count && i < digest.size(); ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 15U];
  }
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  require(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

std::string base64url(std::string_view data) {
  std::string out;
  std::uint32_t window = 0;
  int held = 0;
  for (unsigned char byte : data) {
    window = (window << 8U) | byte;
    for (held += 8; held >= 6; held -= 6) out += alphabet[(window >> (held - 6)) & 63U];
  }
  if (held > 0) out += alphabet[(window << (6 - held)) & 63U];
  return out;
}

bool base64url_decode(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 4 == 1) return false;
  std::uint32_t window = 0;
  int held = 0;
  for (char c : text) {
    int const value = value_of(c);
    if (value < 0) return false;
    window = (window << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((window >> held) & 255U);
    }
  }
  return (window & ((1U << held) - 1U)) == 0;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  auto* const context = static_cast<EVP_MD_CTX*>(context_);
  require(context != nullptr && EVP_DigestInit_ex(context, sha256_algorithm(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

void Sha256Stream::update(std::string_view data) {
  require(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), data.data(), data.size()) == 1);
}

Sha256 Sha256Stream::finish() {
  Sha256 out;
  require(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), out.data(), nullptr) == 1);
  return out;
}

}  // namespace hansa::crypto
