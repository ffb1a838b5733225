#include "cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/printable.h"

namespace hansa::cli {

void TextTable::add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

std::string TextTable::text(Colour colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    auto widest = width_of(columns_[at].name);
    for (auto const& row : rows_) widest = std::max(widest, width_of(row.at(at)));
    widths.push_back(widest);
  }
  auto const line = [&](auto const& word_at) {
    std::string out;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      std::string const& word = word_at(at);
      std::string const blanks(widths[at] - width_of(word), ' ');
      if (at > 0) out += "  ";
      out += columns_[at].align == Align::right ? blanks + word : word + blanks;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  auto const heading = line([this](std::size_t at) -> auto const& { return columns_[at].name; });
  auto out = colour == Colour::on ? fmt::format("\x1b[1m{}\x1b[0m\n", heading) : heading + "\n";
  for (auto const& row : rows_)
    out += line([&row](std::size_t at) -> auto const& { return row[at]; }) + "\n";
  return out;
}

}  // namespace hansa::cli
