// Strong types for names, so that a domain's name cannot stand where an object's is wanted.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace hansa {

template <class Tag>
class Name {
 public:
  Name() = default;
  explicit Name(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::string const& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(Name const&) const = default;

 private:
  std::string text_;
};

using MeshName = Name<struct MeshNameTag>;
using DomainName = Name<struct DomainNameTag>;
using ProductName = Name<struct ProductNameTag>;
using ObjectName = Name<struct ObjectNameTag>;
using ColumnName = Name<struct ColumnNameTag>;
using ContractId = Name<struct ContractIdTag>;

// The major of a contract's version, from 0 up: the N of `/vN` and of schema `<domain>_vN`.
enum class Major : std::uint32_t {};
[[nodiscard]] constexpr std::uint32_t number(Major major) {
  return static_cast<std::uint32_t>(major);
}

}  // namespace hansa

template <class Tag>
struct std::hash<hansa::Name<Tag>> {
  std::size_t operator()(hansa::Name<Tag> const& name) const noexcept {
    return std::hash<std::string>{}(name.text());
  }
};
