#include "product/cursor.h"

#include "crypto/digest.h"

namespace hansa::product {
namespace {

constexpr char version = 1;
constexpr std::size_t digest_bytes = 16;
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t text_bytes_max = 8192;

std::string_view first_bytes(crypto::Sha256 const& digest, std::size_t count) {
  return {reinterpret_cast<char const*>(digest.data()), count};
}

// What the cursor continues. The parts are separated by NUL, which none of them can contain.
std::string question_digest(Table const& table, ReadQuery const& query) {
  std::string question = table.identity;
  question.push_back('\0');
  question += to_text(table, query.order);
  question.push_back('\0');
  question += to_text(table, query.filters);
  return std::string{first_bytes(crypto::sha256(question), digest_bytes)};
}

std::string mac(std::string_view payload, std::string_view key) {
  return std::string{first_bytes(crypto::hmac_sha256(key, payload), mac_bytes)};
}

void put_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

bool take_number(std::string_view& text, std::uint64_t& number) {
  if (text.size() < 8) return false;
  number = 0;
  for (char const byte : text.substr(0, 8)) number = number << 8U | static_cast<std::uint8_t>(byte);
  text.remove_prefix(8);
  return true;
}

constexpr std::uint64_t null_length = ~std::uint64_t{0};

bool take_value(std::string_view& text, std::optional<std::string>& value) {
  std::uint64_t length = 0;
  if (!take_number(text, length)) return false;
  if (length == null_length) {
    value = std::nullopt;
    return true;
  }
  if (length > text.size()) return false;
  value = std::string{text.substr(0, length)};
  text.remove_prefix(length);
  return true;
}

std::unexpected<Error> refused(std::string detail) {
  return failure(Code::invalid_cursor, std::move(detail),
                 "follow Link rel=\"next\" as it stands, or start again without `cursor`");
}

}  // namespace

std::string seal(Cursor const& cursor, Table const& table, ReadQuery const& query,
                 std::string_view key) {
  std::string payload(1, version);
  payload += question_digest(table, query);
  put_number(payload, cursor.position);
  for (auto const& value : cursor.values) {
    put_number(payload, value ? value->size() : null_length);
    if (value) payload += *value;
  }
  payload += mac(payload, key);
  return crypto::base64url(payload);
}

Result<Cursor> unseal(std::string_view text, Table const& table, ReadQuery const& query,
                      std::string_view key) {
  std::string bytes;
  if (text.size() > text_bytes_max || !crypto::base64url_decode(text, bytes) ||
      bytes.size() < 1 + digest_bytes + 8 + mac_bytes)
    return refused("the cursor is not one of this server");
  std::string_view payload{bytes};
  std::string_view const signature = payload.substr(payload.size() - mac_bytes);
  payload.remove_suffix(mac_bytes);
  if (!crypto::equal_in_constant_time(signature, mac(payload, key)) || payload[0] != version)
    return refused("the cursor is not one of this server, or was changed");
  payload.remove_prefix(1);
  if (payload.substr(0, digest_bytes) != question_digest(table, query))
    return refused("the cursor belongs to another table, order or filter");
  payload.remove_prefix(digest_bytes);
  Cursor cursor;
  cursor.values.resize(query.order.size());
  bool whole = take_number(payload, cursor.position);
  for (auto& value : cursor.values) whole = whole && take_value(payload, value);
  if (!whole || !payload.empty()) return refused("the cursor is not whole");
  return cursor;
}

}  // namespace hansa::product
