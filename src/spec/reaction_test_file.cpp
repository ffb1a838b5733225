#include "spec/reaction_test_file.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "spec/shape.h"

namespace hansa::spec {

namespace {

constexpr Verdict tested{Use::enforced, "hansa test"};

constexpr std::array given_fields = std::to_array<Field>({
    {"tables", Form::any, tested},
});
constexpr Shape given_shape{"what is given", given_fields};

constexpr std::array expect_fields = std::to_array<Field>({
    {"tables", Form::any, tested},
    {"events", Form::any, tested},
    {"dead", Form::any, tested},
});
constexpr Shape expect_shape{"what is expected", expect_fields};

constexpr std::array test_fields = std::to_array<Field>({
    {"name", Form::text, tested, nullptr, true},
    {"given", Form::one, {}, &given_shape},
    {"events", Form::any, tested, nullptr, true},
    {"expect", Form::one, {}, &expect_shape, true},
});
constexpr Shape test_shape{"a test", test_fields};

constexpr std::array file_fields = std::to_array<Field>({
    {"tests", Form::many, {}, &test_shape, true},
});
constexpr Shape file_shape{"a file of tests", file_fields};

class Reader {
 public:
  Reader(Document const& document, Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  WrittenTest read(Node const& node) {
    WrittenTest test{.name = text_at(document_, node, "name")};
    if (Node const* const given = node.find("given")) test.given = named(*given, "tables");
    if (Node const* const events = node.find("events"); events != nullptr && !events->is_null()) {
      test.events_where = document_.at(*events);
      test.events = rows(*events, "events");
    }
    if (Node const* const expect = node.find("expect")) {
      test.tables = named(*expect, "tables");
      test.streams = named(*expect, "events");
      if (Node const* const dead = expect->find("dead")) test.dead = rows(*dead, "dead");
    }
    return test;
  }

 private:
  // A map from names to lists of maps.
  std::vector<WrittenRows> named(Node const& owner, std::string_view key) {
    std::vector<WrittenRows> out;
    Node const* const node = owner.find(key);
    if (node == nullptr) return out;
    if (!node->is_map()) {
      wrong(*node, fmt::format("`{}` is a map from names to lists of rows", key));
      return out;
    }
    for (Member const& member : node->members)
      out.push_back({{member.key, document_.at(member.place)}, rows(member.value, member.key)});
    return out;
  }

  std::vector<Node> rows(Node const& node, std::string_view key) {
    std::vector<Node> out;
    if (!node.is_sequence()) {
      wrong(node, fmt::format("`{:.80}` is a list of maps", key), "an empty list is []");
      return out;
    }
    for (Node const& item : node.items) {
      if (item.is_map())
        out.push_back(item);
      else
        wrong(item, fmt::format("an entry of `{:.80}` is a map from names to values", key));
    }
    return out;
  }

  void wrong(Node const& node, std::string message, std::string hint = {}) {
    diagnostics_.error(Code::wrong_type, document_.at(node), std::move(message), std::move(hint));
  }

  Document const& document_;
  Diagnostics& diagnostics_;
};

}  // namespace

ReactionTestFile read_reaction_tests(Document const& document, Diagnostics& diagnostics) {
  std::vector<FieldUse> uses;  // of what describes nothing and is enforced by being run
  check_shape(document, file_shape, 0, diagnostics, uses);
  refuse_secrets(document, diagnostics);
  ReactionTestFile file{.file = document.file, .tests = {}};
  Reader reader(document, diagnostics);
  for (Node const* const node : entries_at(document.root, "tests"))
    file.tests.push_back(reader.read(*node));
  return file;
}

}  // namespace hansa::spec
