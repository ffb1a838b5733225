// The plan for machines. Words here are part of the interface and never change.
#include <algorithm>
#include <array>

#include "json/value.h"
#include "plan/plan.h"

namespace hansa::plan {
namespace {

constexpr std::array<std::string_view, 5> lock_words = {"none", "brief", "scan_concurrent",
                                                        "blocks_writes", "rewrites"};

json::Value texts(std::vector<std::string> const& lines) {
  json::Array out;
  for (auto const& line : lines) out.push_back(json::text(line));
  return json::array(std::move(out));
}

std::string kind_word(StepKind kind) {
  std::string word(to_text(kind));
  std::ranges::replace(word, ' ', '_');
  return word;
}

json::Value step_value(Step const& step) {
  char const sign = static_cast<char>(step.sign);
  return json::object({{"kind", json::text(kind_word(step.kind))},
                       {"sign", json::text({&sign, 1})},
                       {"domain", json::text(step.domain.text())},
                       {"object", json::text(step.object)},
                       {"summary", json::text(step.summary)},
                       {"reason", json::text(step.reason)},
                       {"lock", json::text(lock_words[static_cast<std::size_t>(step.lock)])},
                       {"destroys_data", json::boolean(step.destroys_data)},
                       {"transactional", json::boolean(step.transactional)},
                       {"run_as", json::text(step.run_as)},
                       {"sql", texts(step.sql)},
                       {"notes", texts(step.notes)}});
}

json::Value refusal_value(Error const& error) {
  return json::object({{"code", json::text(label(error.code))},
                       {"name", json::text(info(error.code).name)},
                       {"detail", json::text(error.detail)},
                       {"hint", json::text(error.hint)}});
}

}  // namespace

std::string to_json(Plan const& plan) {
  json::Array steps, refusals;
  for (Step const& step : plan.steps) steps.push_back(step_value(step));
  for (Error const& error : plan.refusals) refusals.push_back(refusal_value(error));
  auto const signs = [&plan](Sign sign) {
    return json::integer(std::ranges::count(plan.steps, sign, &Step::sign));
  };
  auto const lost = std::ranges::count(plan.steps, true, &Step::destroys_data);
  return json::to_text(
      json::object({{"version", json::integer(1)},
                    {"steps", json::array(std::move(steps))},
                    {"refusals", json::array(std::move(refusals))},
                    {"notes", texts(plan.notes)},
                    {"summary", json::object({{"add", signs(Sign::add)},
                                              {"change", signs(Sign::change)},
                                              {"remove", signs(Sign::remove)},
                                              {"destroys_data", json::integer(lost)},
                                              {"refused", json::integer(static_cast<std::int64_t>(
                                                              plan.refusals.size()))}})}}));
}

}  // namespace hansa::plan
