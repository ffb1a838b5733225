#include "json/tree_builder.h"

#include <algorithm>

namespace hansa::json {
namespace {

// A small object is compared pair by pair; a large one, which may be hostile, through a sorted
// index.
constexpr std::size_t pairwise_max = 12;

std::string const* find_duplicate(Object const& members) {
  if (members.size() <= pairwise_max) {
    for (std::size_t i = 1; i < members.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (members[i].first == members[j].first) return &members[i].first;
    return nullptr;
  }
  std::vector<std::string const*> keys;
  keys.reserve(members.size());
  for (auto const& [key, value] : members) keys.push_back(&key);
  auto const less = [](auto const* a, auto const* b) { return *a < *b; };
  std::sort(keys.begin(), keys.end(), less);
  auto const same = [](auto const* a, auto const* b) { return *a == *b; };
  auto const twin = std::adjacent_find(keys.begin(), keys.end(), same);
  return twin == keys.end() ? nullptr : *twin;
}

// Enough of a key to recognise it; a key may be as long as the document.
std::string shown(std::string const& key) {
  constexpr std::size_t shown_max = 40;
  if (key.size() <= shown_max) return key;
  std::size_t end = shown_max;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80U) --end;
  return key.substr(0, end) + "...";
}

}  // namespace

bool TreeBuilder::append(Text part) {
  pending_.append(part.data(), part.size());
  return true;
}

bool TreeBuilder::refuse(Code code, std::string detail, ErrorCode& ec) {
  refusal_ = Error{code, std::move(detail)};
  ec = boost::json::error::exception;
  return false;
}

bool TreeBuilder::push(Value value, ErrorCode& ec) {
  if (values_left_ == 0) return refuse(Code::too_complex, "more values than are accepted", ec);
  --values_left_;
  values_.push_back(std::move(value));
  return true;
}

bool TreeBuilder::push_number(Text part, ErrorCode& ec) {
  append(part);
  Number number{pending_};
  pending_.clear();
  return push(Value{std::move(number)}, ec);
}

bool TreeBuilder::on_key(Text part, std::size_t, ErrorCode&) {
  append(part);
  keys_.push_back(std::move(pending_));
  pending_.clear();
  return true;
}

bool TreeBuilder::on_string(Text part, std::size_t, ErrorCode& ec) {
  append(part);
  Value value{std::move(pending_)};
  pending_.clear();
  return push(std::move(value), ec);
}

bool TreeBuilder::on_array_end(std::size_t count, ErrorCode& ec) {
  auto const first = values_.end() - static_cast<std::ptrdiff_t>(count);
  Array items(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
  values_.erase(first, values_.end());
  return push(Value{std::move(items)}, ec);
}

bool TreeBuilder::on_object_end(std::size_t count, ErrorCode& ec) {
  Object members;
  members.reserve(count);
  auto const first = values_.size() - count;
  auto const first_key = keys_.size() - count;
  for (std::size_t i = 0; i < count; ++i)
    members.emplace_back(std::move(keys_[first_key + i]), std::move(values_[first + i]));
  values_.resize(first);
  keys_.resize(first_key);
  if (auto const* twin = find_duplicate(members))
    return refuse(Code::malformed_json, "key `" + shown(*twin) + "` stands twice in an object", ec);
  return push(Value{std::move(members)}, ec);
}

}  // namespace hansa::json
