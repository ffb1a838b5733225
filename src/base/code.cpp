#include "base/code.h"

#include <algorithm>
#include <array>
#include <string>

namespace hansa {
namespace {

constexpr std::size_t length_max = 48;

// An enumerator's name with hyphens for underscores, made at compile time.
struct Name {
  std::array<char, length_max> text{};
  std::size_t size = 0;

  constexpr explicit Name(std::string_view identifier) {
    for (char c : identifier) text[size++] = c == '_' ? '-' : c;
  }
};

#define HANSA_CODE(number, name, http, exit, title) constexpr Name name##_name{#name};
#include "base/codes.def"
#undef HANSA_CODE

constexpr std::array catalogue = {
#define HANSA_CODE(number, name, http, exit, title) \
  CodeInfo{Code::name, {name##_name.text.data(), name##_name.size}, http, exit, title},
#include "base/codes.def"
#undef HANSA_CODE
};

static_assert(std::ranges::adjacent_find(catalogue, std::ranges::greater_equal{},
                                         [](CodeInfo const& row) { return row.code; }) ==
                  catalogue.end(),
              "codes.def is ordered by number and no number stands twice");

struct Label {
  std::array<char, 5> text{};
  constexpr explicit Label(int number) {
    text[0] = 'H';
    for (std::size_t place = 4; place > 0; --place, number /= 10)
      text[place] = static_cast<char>('0' + number % 10);
  }
};

constexpr std::array labels = {
#define HANSA_CODE(number, name, http, exit, title) Label{number},
#include "base/codes.def"
#undef HANSA_CODE
};

std::size_t row_of(Code code) {
  auto const row = std::ranges::lower_bound(catalogue, code, {}, &CodeInfo::code);
  return static_cast<std::size_t>(row - catalogue.begin());
}

}  // namespace

CodeInfo const& info(Code code) { return catalogue[row_of(code)]; }

std::span<CodeInfo const> all_codes() { return catalogue; }

std::string_view label(Code code) {
  auto const& text = labels[row_of(code)].text;
  return {text.data(), text.size()};
}

}  // namespace hansa
