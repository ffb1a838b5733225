#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "spec/contract.h"
#include "spec/extensions.h"
#include "spec/folder.h"
#include "spec/golden.h"
#include "spec/mesh_file.h"
#include "spec/product.h"
#include "spec/yaml.h"

namespace hansa::spec {
namespace {

std::filesystem::path testdata(std::string const& folder) {
  return std::filesystem::path(HANSA_TESTDATA) / folder;
}

void append_tree(Node const& node, std::string const& indent, std::string& out) {
  switch (node.kind) {
    case Node::Kind::null:
      out += "null";
      break;
    case Node::Kind::scalar: {
      constexpr std::array names = {"text", "boolean", "integer", "number"};
      out += fmt::format("{} {}", names[static_cast<std::size_t>(scalar_kind(node))], node.text);
      break;
    }
    case Node::Kind::sequence:
      out += node.flow ? "[]" : "list";
      break;
    case Node::Kind::map:
      out += node.flow ? "{}" : "map";
      break;
  }
  out += fmt::format(" @{}:{}+{}\n", node.place.line, node.place.column, node.place.length);
  for (Node const& item : node.items) {
    out += indent + "- ";
    append_tree(item, indent + "  ", out);
  }
  for (Member const& member : node.members) {
    out += fmt::format("{}{}@{}:{}: ", indent, member.key, member.place.line, member.place.column);
    append_tree(member.value, indent + "  ", out);
  }
}

using Check = std::function<std::string(Document const&, Diagnostics&)>;

// What the reader of `folder`'s files says of each, and then what it returns.
void check_folder(std::string const& folder, Check const& read) {
  auto const cases = golden::cases(testdata(folder));
  EXPECT_FALSE(cases.empty());
  for (golden::Case const& each : cases) {
    std::string const& input = each.sections.at(0).body;
    Diagnostics diagnostics;
    auto const document = parse_yaml("input.yaml", input, diagnostics);
    std::string const result = document ? read(*document, diagnostics) : "no tree\n";
    SourceTexts const sources = {{"input.yaml", input}};
    golden::check(each, to_text(diagnostics.sorted(), sources, Colour::off) + result);
  }
}

TEST(Yaml, GivesATreeOrSaysWhatIsWrong) {
  check_folder("yaml", [](Document const& document, Diagnostics&) {
    std::string out;
    append_tree(document.root, "", out);
    return out;
  });
}

TEST(Contract, IsReadAndEveryMistakeIsListed) {
  check_folder("contract", [](Document const& document, Diagnostics& diagnostics) {
    std::vector<FieldUse> uses;
    auto const contract = read_contract(document, diagnostics, uses);
    if (!contract) return std::string("no contract\n");
    std::string out = fmt::format("contract {} {}\n", contract->id.value, contract->version.value);
    for (SchemaObject const& object : contract->objects) {
      out += fmt::format("  {}: {} properties\n", object.name.value, object.properties.size());
    }
    return out;
  });
}

TEST(Product, IsReadAndEveryMistakeIsListed) {
  check_folder("product", [](Document const& document, Diagnostics& diagnostics) {
    std::vector<FieldUse> uses;
    auto const product = read_product(document, diagnostics, uses);
    if (!product) return std::string("no product\n");
    return fmt::format("product {}: {} in, {} out\n", product->id.value,
                       product->input_ports.size(), product->output_ports.size());
  });
}

TEST(MeshFile, IsReadAndEveryMistakeIsListed) {
  check_folder("mesh_file", [](Document const& document, Diagnostics& diagnostics) {
    std::vector<FieldUse> uses;
    MeshFile const mesh = read_mesh_file(document, diagnostics, uses);
    return fmt::format("mesh {}: {} environments\n", mesh.name.value, mesh.environments.size());
  });
}

// Hostile documents: refused with `code`, quickly and without a crash.
void check_refused(std::string const& what, std::string const& text, Code code) {
  Diagnostics diagnostics;
  auto const start = std::chrono::steady_clock::now();
  auto const document = parse_yaml("input.yaml", text, diagnostics);
  auto const elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_FALSE(document.has_value()) << what;
  ASSERT_TRUE(diagnostics.has_errors()) << what;
  EXPECT_EQ(label(diagnostics.sorted().front().code), label(code)) << what;
  EXPECT_LT(elapsed, std::chrono::seconds(20)) << what;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string alias_bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i <= 20; ++i) {
    text += fmt::format("a{0}: &a{0} [{1}]\n", i, repeat(fmt::format("*a{}, ", i - 1), 10));
  }
  return text;
}

TEST(Yaml, RefusesDeepNesting) {
  for (std::string_view const open : {"[", "{", "{a: ", "[{a: ", "- ", "? ", "[a: "}) {
    check_refused(std::string(open), repeat(open, 100'000), Code::yaml_limit);
  }
  std::string blocks;
  for (std::size_t i = 0; i < 1000; ++i) blocks += std::string(i, ' ') + "a:\n";
  check_refused("blocks", blocks, Code::yaml_limit);
}

TEST(Yaml, RefusesWhatGrowsWithoutEnd) {
  check_refused("alias bomb", alias_bomb(), Code::yaml_limit);
  check_refused("many values", repeat("- a\n", 200'000), Code::yaml_limit);
  check_refused("large", std::string(2U << 20U, ' '), Code::yaml_limit);
  std::string anchors;
  for (int i = 0; i < 1000; ++i) anchors += fmt::format("- &a{} x\n", i);
  check_refused("many anchors", anchors, Code::yaml_limit);
  check_refused("alias in itself", "a: &a [*a]\n", Code::yaml_syntax);
}

TEST(Yaml, RefusesBrokenText) {
  using std::string_view_literals::operator""sv;
  for (std::string_view const text :
       {"a: \0"sv, "a: \xFF"sv, "a: \xC3"sv, "a: \xED\xA0\x80"sv, "a: \xC0\xAF"sv,
        "a: \xF4\x90\x80\x80"sv, "a: \x1B[31m"sv, "a: b\rc: d\n"sv, "a: \x7F"sv,
        "\xFF\xFE"
        "a\0"sv}) {
    check_refused(std::string(text), std::string(text), Code::invalid_text);
  }
}

TEST(Yaml, KeepsItsLimitsExactly) {
  Diagnostics diagnostics;
  YamlLimits const limits;
  std::string const deepest = repeat("[", limits.depth_max) + repeat("]", limits.depth_max);
  EXPECT_TRUE(parse_yaml("f", deepest, diagnostics).has_value());
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_FALSE(parse_yaml("f", "[" + deepest + "]", diagnostics).has_value());
}

struct FolderTest : testing::Test {
  golden::TemporaryFolder folder;
  std::string read(FolderLimits const& limits = {}) {
    Diagnostics diagnostics;
    result = read_folder(folder.path(), diagnostics, limits);
    return to_text(diagnostics.sorted(), {}, Colour::off);
  }
  void write(std::string const& file, std::string_view text = "") {
    golden::write_file(folder.path() / file, text);
  }
  Folder result;
};

TEST_F(FolderTest, ListsFilesAndReadsYamlAndAttachedSql) {
  write("mesh.yaml", "hansa: 1\n");
  write("domains/a/p/seed/x.csv", "id\n");
  write("domains/a/p/on/x.sql", "-- each\n");
  write("domains/a/p/dump.sql", "insert ...\n");
  write(".hansa/state.yaml");
  write(".git/config.yaml");
  write("build/out.yaml");
  write("domains/a/.hidden.yaml");
  EXPECT_EQ(read(), "");
  EXPECT_EQ(result.files,
            (std::set<std::string, std::less<>>{"domains/a/p/dump.sql", "domains/a/p/on/x.sql",
                                                "domains/a/p/seed/x.csv", "mesh.yaml"}));
  EXPECT_EQ(result.texts,
            (SourceTexts{{"domains/a/p/on/x.sql", "-- each\n"}, {"mesh.yaml", "hansa: 1\n"}}));
}

TEST_F(FolderTest, RefusesLinksThatLeave) {
  golden::TemporaryFolder elsewhere;
  golden::write_file(elsewhere.path() / "secret.yaml", "secret: 1\n");
  write("mesh.yaml");
  write("real.yaml");
  std::filesystem::create_symlink(elsewhere.path() / "secret.yaml", folder.path() / "out.yaml");
  std::filesystem::create_symlink("../../../../../../etc/passwd", folder.path() / "up.yaml");
  std::filesystem::create_symlink(elsewhere.path(), folder.path() / "dir");
  std::filesystem::create_symlink("real.yaml", folder.path() / "inside.yaml");
  std::filesystem::create_symlink("nowhere", folder.path() / "dead.yaml");
  std::filesystem::create_symlink(".", folder.path() / "loop");
  EXPECT_EQ(read(),
            "dead.yaml: error: the symbolic link leads nowhere: No such file or directory "
            "[H1010 unreadable-file]\n"
            "dir: error: the symbolic link leaves the folder [H1011 path-escapes]\n"
            "  hint: copy the file into the mesh\n"
            "loop: error: symbolic links to folders are not followed [H1013 unexpected-file]\n"
            "out.yaml: error: the symbolic link leaves the folder [H1011 path-escapes]\n"
            "  hint: copy the file into the mesh\n"
            "up.yaml: error: the symbolic link leaves the folder [H1011 path-escapes]\n"
            "  hint: copy the file into the mesh\n");
  EXPECT_TRUE(result.has("inside.yaml"));
  EXPECT_FALSE(result.has("out.yaml"));
}

TEST_F(FolderTest, RefusesDevicesAndUnprintableNames) {
  ASSERT_EQ(mkfifo((folder.path() / "pipe.yaml").c_str(), 0600), 0);
  write("bad\xFFname.yaml");
  write("new\nline.yaml");
  EXPECT_EQ(
      read(),
      "bad\\xFFname.yaml: error: a file's name must be printable UTF-8 [H1013 unexpected-file]\n"
      "new\\x0Aline.yaml: error: a file's name must be printable UTF-8 [H1013 unexpected-file]\n"
      "pipe.yaml: error: neither a file nor a folder [H1013 unexpected-file]\n");
}

TEST_F(FolderTest, KeepsItsLimits) {
  write("a.yaml", "12345");
  write("b.yaml", "1");
  write("c/d/e.yaml", "1");
  EXPECT_EQ(read({.file_bytes_max = 4}),
            "a.yaml: error: the file is larger than 4 bytes [H1007 yaml-limit]\n");
  EXPECT_NE(read({.files_max = 2}).find("more than 2 files"), std::string::npos);
  EXPECT_NE(read({.total_bytes_max = 6}).find("larger than 6 bytes"), std::string::npos);
  EXPECT_NE(read({.depth_max = 1}).find("nested deeper than 1"), std::string::npos);
}

TEST_F(FolderTest, SaysWhenThereIsNone) {
  Diagnostics diagnostics;
  EXPECT_TRUE(read_folder(folder.path() / "none", diagnostics).root.empty());
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Version, HasAMajor) {
  for (auto const& [text, major] :
       std::initializer_list<std::pair<std::string_view, int>>{{"1", 1},
                                                               {"0.1.0", 0},
                                                               {"2.10", 2},
                                                               {"3.0.0-rc.1", 3},
                                                               {"4.0.0+x", 4},
                                                               {"", -1},
                                                               {"v1", -1},
                                                               {"1.", -1},
                                                               {"1.2.3.4", -1},
                                                               {"01", -1},
                                                               {"1.x", -1},
                                                               {"99999", -1},
                                                               {"-1", -1},
                                                               {"1 ", -1}}) {
    auto const found = major_of(text);
    EXPECT_EQ(found ? static_cast<int>(*found) : -1, major) << text;
  }
}

// Every row of the tables says what happens to the field.
TEST(Extensions, AllSayWhatTheyDo) {
  for (Extension const& extension : extensions()) {
    EXPECT_TRUE(extension.key.starts_with("hansa."));
    EXPECT_NE(extension.owners, 0U) << extension.key;
    EXPECT_TRUE(!extension.supported || !extension.verdict.by.empty()) << extension.key;
  }
}

}  // namespace
}  // namespace hansa::spec
