// The plan as a person reads it before saying yes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "plan/plan.h"

namespace hansa::plan {
namespace {

struct Paint {
  std::string_view add = "", change = "", remove = "", bold = "", dim = "", alarm = "", off = "";
};

Paint paint_for(Colour colour) {
  if (colour == Colour::off) return {};
  return {"\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[0m"};
}

std::string_view colour_of(Sign sign, Paint const& paint) {
  if (sign == Sign::add) return paint.add;
  return sign == Sign::change ? paint.change : paint.remove;
}

// Names come from people and databases: nothing of them may steer a terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto const byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return out;
}

void append_step(Step const& step, Paint const& paint, std::string& out) {
  out += fmt::format("  {}{} {}{}\n", colour_of(step.sign, paint), static_cast<char>(step.sign),
                     printable(step.summary), paint.off);
  if (step.destroys_data) out += fmt::format("      {}destroys data{}\n", paint.alarm, paint.off);
  out += fmt::format("      {}{}", paint.dim, printable(step.reason));
  if (step.lock == LockCost::rewrites)
    out += fmt::format("{}\n      {}{}", paint.off, paint.alarm, to_text(step.lock));
  else if (step.lock != LockCost::none)
    out += fmt::format("; {}", to_text(step.lock));
  out += fmt::format("{}\n", paint.off);
  for (auto const& note : step.notes)
    out += fmt::format("      {}note: {}{}\n", paint.dim, printable(note), paint.off);
}

std::vector<DomainName> domains_of(Plan const& plan) {
  std::vector<DomainName> out;
  for (Step const& step : plan.steps)
    if (std::ranges::find(out, step.domain) == out.end()) out.push_back(step.domain);
  return out;
}

void append_refusals(Plan const& plan, Paint const& paint, std::string& out) {
  if (plan.refusals.empty()) return;
  out += fmt::format("{}refused{}, so nothing will be done\n", paint.bold, paint.off);
  for (Error const& error : plan.refusals) {
    out += fmt::format("  {}! {}{} [{} {}]\n", paint.alarm, printable(error.detail), paint.off,
                       label(error.code), info(error.code).name);
    if (!error.hint.empty())
      out += fmt::format("      {}hint: {}{}\n", paint.dim, printable(error.hint), paint.off);
  }
  out += '\n';
}

void append_summary(Plan const& plan, Paint const& paint, std::string& out) {
  auto const count = [&plan](Sign sign) {
    return std::ranges::count(plan.steps, sign, &Step::sign);
  };
  out += fmt::format("{}Plan:{} {}{} to add{}, {}{} to change{}, {}{} to remove{}", paint.bold,
                     paint.off, paint.add, count(Sign::add), paint.off, paint.change,
                     count(Sign::change), paint.off, paint.remove, count(Sign::remove), paint.off);
  if (auto const lost = std::ranges::count(plan.steps, true, &Step::destroys_data); lost > 0)
    out += fmt::format("; {}{} {} data{}", paint.alarm, lost, lost == 1 ? "destroys" : "destroy",
                       paint.off);
  if (!plan.refusals.empty())
    out += fmt::format("; {}{} refused{}", paint.alarm, plan.refusals.size(), paint.off);
  out += ".\n";
}

}  // namespace

std::string to_text(Plan const& plan, Colour colour) {
  Paint const paint = paint_for(colour);
  std::string out;
  for (DomainName const& domain : domains_of(plan)) {
    out += fmt::format("{}{}{}\n", paint.bold, domain.text(), paint.off);
    for (Step const& step : plan.steps)
      if (step.domain == domain) append_step(step, paint, out);
    out += '\n';
  }
  append_refusals(plan, paint, out);
  for (auto const& note : plan.notes)
    out += fmt::format("{}note: {}{}\n", paint.dim, printable(note), paint.off);
  if (plan.empty()) {
    out += "No changes. The database is as declared.\n";
    return out;
  }
  if (!plan.notes.empty()) out += '\n';
  append_summary(plan, paint, out);
  return out;
}

}  // namespace hansa::plan
