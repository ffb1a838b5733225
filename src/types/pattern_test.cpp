// Patterns: what is in the subset, what it becomes for PostgreSQL, and that matching stays linear.
#include "types/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hansa::types {
namespace {

using testing::HasSubstr;

void check_postgres(std::string_view ecma, std::string_view expected) {
  auto const pattern = Pattern::compile(ecma);
  ASSERT_TRUE(pattern) << ecma << ": " << pattern.error().detail;
  EXPECT_EQ(pattern->postgres(), expected);
}

void check_outside(std::string_view ecma, std::string_view reason) {
  auto const pattern = Pattern::compile(ecma);
  ASSERT_FALSE(pattern) << ecma << " became " << pattern->postgres();
  EXPECT_THAT(pattern.error().detail, HasSubstr(std::string(reason)));
}

void check_found(std::string_view ecma, std::string_view text, bool expected) {
  auto const pattern = Pattern::compile(ecma);
  ASSERT_TRUE(pattern) << ecma << ": " << pattern.error().detail;
  EXPECT_EQ(pattern->found_in(text), expected) << ecma << " in " << text;
}

TEST(Pattern, BecomesPostgres) {
  check_postgres("^[A-Z]{2}$", "^[A-Z]{2}$");
  check_postgres(R"(^\d+\.\d*?$)", R"(^[0-9]+\.[0-9]*$)");
  check_postgres("a|b(c|d)?e{2,}f{1,3}", "(?:a|b(?:c|d)?e{2,}f{1,3})");
  check_postgres(R"(\w[^\d\-\]])", R"([0-9A-Z_a-z][^0-9\-\]])");
  check_postgres(".", R"([^\u000a\u000d\u2028-\u2029])");
  check_postgres("\u00e9\\u00e9\U0001F600", R"(\u00e9\u00e9\U0001f600)");
  check_postgres("a/b@c", "a/b@c");
  check_postgres("(ab)+()", "(?:ab)+");
}

TEST(Pattern, NamesWhatLiesOutside) {
  check_outside("(?=a)", "look-around");
  check_outside("(?<n>a)", "look-around or a named group");
  check_outside(R"((a)\1)", "escape");
  check_outside(R"(\bword\b)", "escape");
  check_outside(R"(\p{L})", "escape");
  check_outside("a**", "repetition of a repetition");
  check_outside("*a", "nothing can be repeated");
  check_outside("a{256}", "up to 255");
  check_outside("a{3,2}", "range");
  check_outside("a{,2}", "no number");
  check_outside("^*", "repeated");
  check_outside("[]", "empty class");
  check_outside("[b-a]", "broken range");
  check_outside("[a", "not closed");
  check_outside("(a", "not closed");
  check_outside("a)", "closes nothing");
  check_outside("[[:alpha:]]", "`[` inside a class");
  check_outside(R"([\D])", "negated escape");
  check_outside(R"(\u0000)", "NUL");
  check_outside(R"(\ud83d)", "surrogate");
  check_outside("a\\", "backslash at the end");
  check_outside("((((a{200}){200}){200}){200})", "too large");
  check_outside(std::string(2000, 'a'), "1000 bytes");
  check_outside(std::string(100, '(') + std::string(100, ')'), "nested too deep");
  check_outside("\xff", "UTF-8");
}

TEST(Pattern, Matches) {
  check_found("b", "abc", true);
  check_found("^b", "abc", false);
  check_found("", "", true);
  check_found("^$", "", true);
  check_found("^$", "a", false);
  check_found("^(a|bc)*$", "abcbca", true);
  check_found("^(a|bc)*$", "abcb", false);
  check_found("^a{2,3}$", "a", false);
  check_found("^a{2,3}$", "aaa", true);
  check_found("^a{2,3}$", "aaaa", false);
  check_found("^a{0}$", "", true);
  check_found("^(a*)*$", "aaab", false);
  check_found("^.$", "\U0001F600", true);
  check_found("^.$", "\n", false);
  check_found("a$|^b", "xa", true);
  check_found(R"(^[^\s]+$)", "a\u00a0b", false);
}

TEST(Pattern, TakesLinearTimeOnHostileText) {
  auto const pattern = Pattern::compile("^(a|a?)+b$|^(.*)*c$");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern->found_in(std::string(Pattern::searched_max, 'a')));
}

TEST(Pattern, SamplesMatch) {
  for (auto const* ecma :
       {"^[A-Z]{2}$", R"(^(?:[a-z]+-)?\d{2,4}(\.x|_y)?$)", "^[^a-z]$", "(a|b)*", ""}) {
    auto const pattern = Pattern::compile(ecma);
    ASSERT_TRUE(pattern);
    for (std::uint64_t choice = 0; choice < 200; ++choice)
      EXPECT_TRUE(pattern->found_in(pattern->sample(choice))) << ecma << " " << choice;
  }
}

}  // namespace
}  // namespace hansa::types
