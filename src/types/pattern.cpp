#include "types/pattern.h"

#include <algorithm>

#include "types/pattern_syntax.h"

namespace hansa::types {
namespace {

using Kind = PatternNode::Kind;

void append_code(char32_t c, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  bool const wide = c > 0xFFFF;
  out += wide ? "\\U" : "\\u";
  for (int shift = wide ? 28 : 12; shift >= 0; shift -= 4) out += hex[(c >> shift) & 15U];
}

// Outside a class a syntax character is escaped, inside one everything but letters, digits and
// spaces.
void append_character(char32_t c, bool in_class, std::string& out) {
  bool const plain = (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') ||
                     (c >= U'a' && c <= U'z') || c == U'_' || c == U' ';
  if (plain) {
    out += static_cast<char>(c);
  } else if (c > 0x20 && c < 0x7F) {
    constexpr std::string_view syntax = R"(.^$*+?()[]{}|\)";
    bool const escaped = in_class || syntax.find(static_cast<char>(c)) != syntax.npos;
    if (escaped) out += '\\';
    out += static_cast<char>(c);
  } else {
    append_code(c, out);
  }
}

void append_class(PatternNode const& node, std::string& out) {
  if (node.set.size() == 1 && node.set[0].first == node.set[0].second && !node.negated)
    return append_character(node.set[0].first, false, out);
  out += node.negated ? "[^" : "[";
  for (auto const& [first, last] : node.set) {
    append_character(first, true, out);
    if (first == last) continue;
    out += '-';
    append_character(last, true, out);
  }
  out += ']';
}

void append_repetition(PatternNode const& node, std::string& out) {
  if (node.max == PatternNode::unbounded && node.min <= 1) {
    out += node.min == 0 ? '*' : '+';
  } else if (node.min == 0 && node.max == 1) {
    out += '?';
  } else {
    out += '{' + std::to_string(node.min);
    if (node.max != node.min) out += ',';
    if (node.max != node.min && node.max != PatternNode::unbounded) out += std::to_string(node.max);
    out += '}';
  }
}

// Writes the automaton from its end: every node is told where to go on.
class Compiler {
 public:
  // Where `node` starts when it is to go on at `next`; after overflow() only a bounded rest is
  // written.
  std::uint32_t add(PatternNode const& node, std::uint32_t next) {
    if (overflow()) return next;
    switch (node.kind) {
      case Kind::characters:
        return push({PatternStep::Kind::character, node.negated, next, 0, node.set});
      case Kind::begin:
        return push({.kind = PatternStep::Kind::begin, .next = next});
      case Kind::end:
        return push({.kind = PatternStep::Kind::end, .next = next});
      case Kind::sequence: {
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
          next = add(*child, next);
        return next;
      }
      case Kind::choice:
        return add_choice(node, next);
      case Kind::repeat:
        return add_repeat(node, next);
    }
    return next;
  }

  std::uint32_t push(PatternStep step) {
    steps.push_back(std::move(step));
    return static_cast<std::uint32_t>(steps.size() - 1);
  }

  [[nodiscard]] bool overflow() const { return steps.size() > Pattern::steps_max; }

  std::vector<PatternStep> steps;

 private:
  std::uint32_t push_split(std::uint32_t next, std::uint32_t other) {
    return push({.kind = PatternStep::Kind::split, .next = next, .other = other});
  }

  std::uint32_t add_choice(PatternNode const& node, std::uint32_t next) {
    auto entry = add(node.children.back(), next);
    for (auto child = node.children.rbegin() + 1; child != node.children.rend(); ++child)
      entry = push_split(add(*child, next), entry);
    return entry;
  }

  std::uint32_t add_repeat(PatternNode const& node, std::uint32_t next) {
    auto const& child = node.children.front();
    auto entry = next;
    if (node.max == PatternNode::unbounded) {
      auto const loop = push_split(0, next);
      steps[loop].next = add(child, loop);
      entry = loop;
    } else {
      for (auto i = node.min; i < node.max && !overflow(); ++i)
        entry = push_split(add(child, entry), next);
    }
    for (std::uint32_t i = 0; i < node.min && !overflow(); ++i) entry = add(child, entry);
    return entry;
  }
};

bool contains(PatternStep const& step, char32_t c) {
  auto const holds = [c](auto const& range) { return c >= range.first && c <= range.second; };
  return std::any_of(step.set.begin(), step.set.end(), holds) != step.negated;
}

// The threads of the automaton between two characters.
class Threads {
 public:
  explicit Threads(std::vector<PatternStep> const& steps)
      : steps_(&steps), seen_(steps.size(), 0) {}

  // Starts a new set of threads.
  void clear() {
    ++round_;
    waiting_.clear();
    matched_ = false;
  }

  void add(std::uint32_t start, bool at_begin, bool at_end) {
    stack_.push_back(start);
    while (!stack_.empty()) {
      auto const index = stack_.back();
      stack_.pop_back();
      if (seen_[index] == round_) continue;
      seen_[index] = round_;
      auto const& step = (*steps_)[index];
      switch (step.kind) {
        case PatternStep::Kind::character:
          waiting_.push_back(index);
          break;
        case PatternStep::Kind::split:
          stack_.push_back(step.other);
          stack_.push_back(step.next);
          break;
        case PatternStep::Kind::begin:
          if (at_begin) stack_.push_back(step.next);
          break;
        case PatternStep::Kind::end:
          if (at_end) stack_.push_back(step.next);
          break;
        case PatternStep::Kind::match:
          matched_ = true;
          break;
      }
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> const& waiting() const { return waiting_; }
  [[nodiscard]] bool matched() const { return matched_; }

 private:
  std::vector<PatternStep> const* steps_;
  std::vector<std::uint32_t> seen_;
  std::vector<std::uint32_t> stack_, waiting_;
  std::uint32_t round_ = 0;
  bool matched_ = false;
};

char32_t choose(PatternStep const& step, std::uint64_t random) {
  if (!step.negated) {
    auto const& [first, last] = step.set[random % step.set.size()];
    return first + static_cast<char32_t>((random >> 8U) % (last - first + 1));
  }
  constexpr std::u32string_view usual = U"abcdefghijklmnopqrstuvwxyz0123456789";
  for (std::size_t i = 0; i < usual.size(); ++i) {
    auto const c = usual[(random + i) % usual.size()];
    if (contains(step, c)) return c;
  }
  char32_t c = 0x21;
  while (c < 0xD7FF && !contains(step, c)) ++c;
  return c;
}

// SplitMix64's output function: the same choices everywhere.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

}  // namespace

void append_postgres(PatternNode const& node, std::string& out) {
  auto const append_children = [&](std::string_view between) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (i > 0) out += between;
      append_postgres(node.children[i], out);
    }
  };
  switch (node.kind) {
    case Kind::characters:
      return append_class(node, out);
    case Kind::begin:
      out += '^';
      return;
    case Kind::end:
      out += '$';
      return;
    case Kind::sequence:
      return append_children("");
    case Kind::choice:
      out += "(?:";
      append_children("|");
      out += ')';
      return;
    case Kind::repeat: {
      auto const& child = node.children.front();
      bool const grouped = child.kind == Kind::sequence || child.kind == Kind::repeat;
      if (grouped) out += "(?:";
      append_postgres(child, out);
      if (grouped) out += ')';
      return append_repetition(node, out);
    }
  }
}

Result<Pattern> Pattern::compile(std::string_view ecma) {
  HANSA_TRY(auto const tree, read_pattern(ecma));
  Compiler compiler;
  auto const match = compiler.push({.kind = PatternStep::Kind::match});
  auto const start = compiler.add(tree, match);
  compiler.push({.kind = PatternStep::Kind::split, .next = start, .other = start});
  if (compiler.overflow()) return failure(Code::invalid_value, "repetitions that are too large");
  Pattern pattern;
  append_postgres(tree, pattern.postgres_);
  pattern.steps_ = std::move(compiler.steps);
  return pattern;
}

bool Pattern::found_in(std::string_view text) const {
  auto const start = static_cast<std::uint32_t>(steps_.size() - 1);
  Threads now(steps_), next(steps_);
  now.clear();
  now.add(start, true, text.empty());
  while (!now.matched() && !text.empty()) {
    auto const c = take_utf8(text);
    next.clear();
    for (auto const index : now.waiting())
      if (contains(steps_[index], c)) next.add(steps_[index].next, false, text.empty());
    next.add(start, false, text.empty());
    std::swap(now, next);
  }
  return now.matched();
}

std::string Pattern::sample(std::uint64_t choice) const {
  constexpr std::uint64_t free_choices = 64;  // then every loop is left
  std::string out;
  std::uint64_t random = choice;
  std::uint64_t decisions = 0;
  for (auto index = static_cast<std::uint32_t>(steps_.size() - 1);;) {
    auto const& step = steps_[index];
    random = mixed(random + 0x9E3779B97F4A7C15U);
    if (step.kind == PatternStep::Kind::match) return out;
    if (step.kind == PatternStep::Kind::character) append_utf8(choose(step, random), out);
    bool const turns =
        step.kind == PatternStep::Kind::split && (++decisions > free_choices || (random & 1U) != 0);
    index = turns ? step.other : step.next;
  }
}

}  // namespace hansa::types
