#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>

#include "cli/printable.h"

namespace hansa::cli {
namespace {

constexpr std::array<std::string_view, 4> frames = {"⠋", "⠙", "⠸", "⠴"};
constexpr auto redraw_pause = std::chrono::milliseconds(100);

std::string_view dim(Colour colour) { return colour == Colour::on ? "\x1b[2m" : ""; }
std::string_view green(Colour colour) { return colour == Colour::on ? "\x1b[32m" : ""; }
std::string_view red(Colour colour) { return colour == Colour::on ? "\x1b[1;31m" : ""; }
std::string_view off(Colour colour) { return colour == Colour::on ? "\x1b[0m" : ""; }

// Errors quote arguments, names and data, which may be anybody's.
std::string printable_lines(std::string_view text) {
  std::string out;
  while (true) {
    auto const end = text.find('\n');
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

Colour colour_of(std::FILE* stream) {
  char const* const no_color = std::getenv("NO_COLOR");
  char const* const term = std::getenv("TERM");
  bool const dumb = term == nullptr || std::string_view{term} == "dumb";
  bool const refused = no_color != nullptr && *no_color != '\0';
  return is_terminal(stream) && !dumb && !refused ? Colour::on : Colour::off;
}

std::string to_people(Error const& error, Colour colour) {
  auto text = fmt::format("{}error{}: {} [{} {}]\n", red(colour), off(colour),
                          printable_lines(error.detail), label(error.code), info(error.code).name);
  for (FieldError const& field : error.fields)
    text += fmt::format("  {}: {}\n", printable(field.path), printable_lines(field.message));
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", printable_lines(error.hint));
  return text;
}

json::Value error_document(Error const& error) {
  json::Array fields;
  for (FieldError const& field : error.fields)
    fields.push_back(
        json::object({{"path", json::text(field.path)}, {"message", json::text(field.message)}}));
  return json::object({{"error", json::object({{"code", json::text(label(error.code))},
                                               {"name", json::text(info(error.code).name)},
                                               {"detail", json::text(error.detail)},
                                               {"hint", json::text(error.hint)},
                                               {"fields", json::array(std::move(fields))}})}});
}

Stages::Stages(bool quiet)
    : quiet_(quiet), terminal_(is_terminal(stderr)), colour_(colour_of(stderr)) {}

Stages::~Stages() {
  if (running_) finish(colour_ == Colour::on ? "\x1b[1;31m✗\x1b[0m" : "✗");
}

void Stages::draw() {
  if (quiet_ || !terminal_) return;
  drawn_ = std::chrono::steady_clock::now();
  frame_ = (frame_ + 1) % frames.size();
  fmt::print(stderr, "\r\x1b[K{}{}{} {}", dim(colour_), frames[frame_], off(colour_), phrase_);
  std::fflush(stderr);
}

void Stages::finish(std::string_view mark) {
  running_ = false;
  if (quiet_) return;
  fmt::print(stderr, "{}{} {} {}({:.1f} s){}\n", terminal_ ? "\r\x1b[K" : "", mark, phrase_,
             dim(colour_), seconds_since(started_), off(colour_));
  std::fflush(stderr);
}

void Stages::begin(std::string_view phrase) {
  if (running_) end();
  phrase_ = phrase;
  running_ = true;
  started_ = std::chrono::steady_clock::now();
  draw();
}

void Stages::update(std::string_view phrase) {
  phrase_ = phrase;
  if (std::chrono::steady_clock::now() - drawn_ >= redraw_pause) draw();
}

void Stages::end(std::string_view phrase) {
  if (!running_) return;
  if (!phrase.empty()) phrase_ = phrase;
  finish(fmt::format("{}✓{}", green(colour_), off(colour_)));
}

void Stages::drop() {
  if (!running_) return;
  running_ = false;
  if (quiet_ || !terminal_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

Result<bool> confirm(std::string_view question) {
  if (!is_terminal(stdin))
    return failure(Code::not_confirmed, "there is no terminal to ask on", "give --yes to go ahead");
  fmt::print(stderr, "{} [y/N] ", question);
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::string with_commas(std::uint64_t number) {
  auto text = fmt::format("{}", number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

}  // namespace hansa::cli
