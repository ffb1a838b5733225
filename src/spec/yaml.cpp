#include "spec/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <array>
#include <exception>
#include <istream>
#include <map>
#include <set>
#include <streambuf>
#include <utility>

namespace hansa::spec {

namespace {

// Thrown through yaml-cpp to stop it; the diagnostic is already written. yaml-cpp recurses once per
// nesting level, so stopping it at depth_max also bounds its stack.
struct Stopped : std::exception {};

class MemoryStream : public std::streambuf {
 public:
  explicit MemoryStream(std::string_view text) {
    char* const begin = const_cast<char*>(text.data());  // only read through setg
    setg(begin, begin, begin + text.size());
  }
};

constexpr std::string_view core_tag_prefix = "tag:yaml.org,2002:";

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string const& file, std::string_view text, Diagnostics& diagnostics,
              YamlLimits const& limits)
      : file_(file), text_(text), diagnostics_(diagnostics), limits_(limits) {}

  void OnDocumentStart(YAML::Mark const& mark) override {
    if (documents_++ > 0) {
      stop(Code::invalid_value, place(mark, 3), "a second YAML document in one file",
           "put it into a file of its own");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place(mark, 0);
    complete(std::move(node), anchor);
  }
  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = value;
    node.place = place(mark, 0);
    node.place.length = written_length(mark, value);
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    check_tag(tag, node.place);
    complete(std::move(node), anchor);
  }
  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::sequence, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::map, mark, tag, anchor, style);
  }
  void OnMapEnd() override { close(); }
  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    auto const found = anchored_.find(anchor);
    if (found == anchored_.end()) {
      stop(Code::yaml_syntax, place(mark, 1), "an alias inside the value it stands for");
    }
    count(found->second.nodes, place(mark, 1));
    insert(Node(found->second.node));
  }

  [[nodiscard]] Node take_root() { return std::move(root_); }
  [[nodiscard]] Place place(YAML::Mark const& mark, std::uint32_t length) const {
    return {static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
            static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1, length};
  }
  [[noreturn]] void stop(Code code, Place const& where, std::string message,
                         std::string hint = {}) {
    diagnostics_.error(code, {file_, where.line, where.column, where.length}, std::move(message),
                       std::move(hint));
    throw Stopped{};
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key;            // of a map: read, its value not yet
    bool key_repeated = false;          // then its value is read and dropped
    std::map<std::string, Place> seen;  // of a map
    std::size_t nodes_before = 0;
  };
  struct Anchored {
    Node node;
    std::size_t nodes = 0;
  };

  void check_tag(std::string const& tag, Place const& where) {
    static std::set<std::string_view> const core = {"str",  "int", "float", "bool",
                                                    "null", "map", "seq"};
    if (tag.empty() || tag == "?" || tag == "!") return;
    std::string_view const text = tag;
    if (text.starts_with(core_tag_prefix) && core.contains(text.substr(core_tag_prefix.size()))) {
      return;
    }
    stop(Code::invalid_value, where, fmt::format("the YAML tag `{:.80}` is not allowed", tag),
         "write the plain value");
  }

  // Bytes the scalar takes on its first line, for the caret. Plain text is written as it reads;
  // quoted text runs to its closing quote; a block scalar gets a single caret.
  [[nodiscard]] std::uint32_t written_length(YAML::Mark const& mark,
                                             std::string const& value) const {
    auto const at = static_cast<std::size_t>(std::max(mark.pos, 0));
    if (at >= text_.size()) return 0;
    char const first = text_[at];
    if (first == '|' || first == '>' || first == '&' || first == '!') return 0;
    if (first != '"' && first != '\'') {
      return static_cast<std::uint32_t>(std::min(value.find('\n'), value.size()));
    }
    std::size_t end = at + 1;
    while (end < text_.size() && text_[end] != '\n') {
      if (first == '"' && text_[end] == '\\') {
        ++end;
      } else if (text_[end] == first) {
        if (first == '"' || end + 1 >= text_.size() || text_[end + 1] != '\'') break;
        ++end;
      }
      ++end;
    }
    std::size_t const stop_at = end < text_.size() && text_[end] == first ? end + 1 : end;
    return static_cast<std::uint32_t>(stop_at - at);
  }

  void count(std::size_t nodes, Place const& where) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes_max) {
      stop(Code::yaml_limit, where,
           fmt::format("more than {} values in one file, aliases expanded", limits_.nodes_max),
           "split the file");
    }
  }

  void open(Node::Kind kind, YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    Place const where = place(mark, 1);
    if (stack_.size() >= limits_.depth_max) {
      stop(Code::yaml_limit, where, fmt::format("nested deeper than {}", limits_.depth_max));
    }
    check_tag(tag, where);
    Open opened;
    opened.node.kind = kind;
    opened.node.flow = style == YAML::EmitterStyle::Flow;
    opened.node.place = where;
    opened.anchor = anchor;
    opened.nodes_before = nodes_;
    stack_.push_back(std::move(opened));
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    nodes_at_close_ = done.nodes_before;
    complete(std::move(done.node), done.anchor);
  }

  void complete(Node node, YAML::anchor_t anchor) {
    bool const collection = node.is_map() || node.is_sequence();
    std::size_t const before = collection ? nodes_at_close_ : nodes_;
    count(1, node.place);
    if (anchor != 0) {
      if (anchored_.size() >= limits_.anchors_max) {
        stop(Code::yaml_limit, node.place,
             fmt::format("more than {} anchors in one file", limits_.anchors_max));
      }
      std::size_t const size = nodes_ - before;
      count(size, node.place);
      anchored_[anchor] = {node, size};
    }
    insert(std::move(node));
  }

  void insert(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      insert_key(parent, std::move(node));
    } else {
      if (node.is_null()) node.place = parent.key->place;
      if (!parent.key_repeated) {
        parent.node.members.push_back(
            {std::move(parent.key->text), parent.key->place, std::move(node)});
      }
      parent.key.reset();
    }
  }

  void insert_key(Open& parent, Node key) {
    if (!key.is_scalar()) {
      stop(Code::invalid_value, key.place, "a key must be text");
    }
    auto const [first, is_new] = parent.seen.try_emplace(key.text, key.place);
    parent.key_repeated = !is_new;
    if (!is_new) {
      diagnostics_.error(Code::duplicate_key,
                         {file_, key.place.line, key.place.column, key.place.length},
                         fmt::format("key `{:.80}` stands twice in one map", key.text),
                         fmt::format("the first is at line {}, column {}", first->second.line,
                                     first->second.column));
    }
    parent.key = std::move(key);
  }

  std::string const& file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  YamlLimits const& limits_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  Node root_;
  std::size_t nodes_ = 0;
  std::size_t nodes_at_close_ = 0;
  int documents_ = 0;
};

// Where the parser stumbles over a tab it speaks of other things, or of a later line.
std::string tab_hint(std::string_view text, std::uint32_t last_line) {
  std::size_t start = 0;
  for (std::uint32_t line = 1; line <= last_line && start < text.size(); ++line) {
    std::size_t const first = std::min(text.find_first_not_of(" \t", start), text.size());
    if (text.substr(start, first - start).find('\t') != std::string_view::npos) {
      return fmt::format("YAML indents by spaces; line {} begins with a tab", line);
    }
    start = std::min(text.find('\n', start), text.size() - 1) + 1;
  }
  return {};
}

// yaml-cpp reads a flow collection whole before it parses it, so brackets without end would cost it
// a hundred times their size. Brackets inside quotes are counted too: hence a limit nobody meets.
constexpr std::size_t open_brackets_max = 1000;

bool check_brackets(std::string const& file, std::string_view text, Diagnostics& diagnostics) {
  std::size_t open = 0;
  std::uint32_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char const c = text[at];
    if (c == '[' || c == '{') ++open;
    if ((c == ']' || c == '}') && open > 0) --open;
    if (open > open_brackets_max) {
      diagnostics.error(Code::yaml_limit,
                        {file, line, static_cast<std::uint32_t>(at - line_start + 1), 1},
                        fmt::format("more than {} brackets are open", open_brackets_max));
      return false;
    }
    if (c == '\n') {
      ++line;
      line_start = at + 1;
    }
  }
  return true;
}

}  // namespace

std::optional<Document> parse_yaml(std::string const& file, std::string_view text,
                                   Diagnostics& diagnostics, YamlLimits const& limits) {
  if (text.size() > limits.bytes_max) {
    diagnostics.error(Code::yaml_limit, {file},
                      fmt::format("the file is larger than {} bytes", limits.bytes_max));
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!check_text(file, text, diagnostics) || !check_brackets(file, text, diagnostics)) {
    return std::nullopt;
  }
  TreeBuilder builder(file, text, diagnostics, limits);
  try {
    MemoryStream buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Stopped const&) {
    return std::nullopt;
  } catch (YAML::Exception const& error) {
    Place const where = builder.place(error.mark, 0);
    diagnostics.error(Code::yaml_syntax, {file, where.line, where.column, 0},
                      fmt::format("not YAML: {:.200}", error.msg), tab_hint(text, where.line));
    return std::nullopt;
  }
  return Document{file, builder.take_root()};
}

}  // namespace hansa::spec
