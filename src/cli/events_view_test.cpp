// What the commands of events read from their line, and how they show what they found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/how_long.h"
#include "cli/letters_view.h"
#include "cli/ports_view.h"
#include "cli/printable.h"
#include "cli/record_view.h"
#include "cli/tail_start.h"
#include "cli/text_table.h"
#include "cli/topics_view.h"

namespace hansa::cli {
namespace {

using events::TailStart;
using Kind = TailStart::Kind;
using testing::HasSubstr;

// 2026-01-31T12:00:00Z
constexpr std::int64_t noon_ms = 1'769'860'800'000;
Time const noon{std::chrono::milliseconds(noon_ms)};

TEST(TailStartText, IsAPlaceInATopic) {
  auto const check = [](std::string_view text, Kind kind, std::int64_t value) {
    auto const start = parse_start(text, noon);
    ASSERT_TRUE(start) << text;
    EXPECT_EQ(start->kind, kind) << text;
    EXPECT_EQ(start->value, value) << text;
  };
  check("earliest", Kind::earliest, 0);
  check("latest", Kind::latest, 0);
  check("0", Kind::offset, 0);
  check("9223372036854775807", Kind::offset, INT64_MAX);
  check("90s", Kind::time, noon_ms - 90'000);
  check("15m", Kind::time, noon_ms - 900'000);
  check("1h30m", Kind::time, noon_ms - 5'400'000);
  check("2d", Kind::time, noon_ms - 172'800'000);
  check("2026-01-31", Kind::time, noon_ms - 43'200'000);
  check("2026-01-31T12:00:00.5Z", Kind::time, noon_ms + 500);
  check("2026-01-31T14:00:00+02:00", Kind::time, noon_ms);
}

TEST(TailStartText, IsRefusedWhereItSaysNone) {
  for (auto const* const text : {"",
                                 "-1",
                                 "1.5",
                                 "9223372036854775808",
                                 "m",
                                 "15x",
                                 "15m3",
                                 "m15",
                                 "-15m",
                                 "+15m",
                                 "99999999999999d",
                                 "36600d",
                                 "36500d400d",
                                 "yesterday",
                                 "2026-13-01",
                                 "2026-02-30",
                                 "2026-01-31T12:00:00",
                                 "12:00",
                                 "15 m",
                                 "Earliest"}) {
    auto const start = parse_start(text, noon);
    ASSERT_FALSE(start) << text;
    EXPECT_EQ(start.error().code, Code::usage) << text;
  }
}

TEST(HowLong, IsWholeUnits) {
  using namespace std::chrono_literals;
  EXPECT_EQ(how_long(0ms), "0 ms");
  EXPECT_EQ(how_long(999ms), "999 ms");
  EXPECT_EQ(how_long(119'999ms), "119 s");
  EXPECT_EQ(how_long(120s), "2 min");
  EXPECT_EQ(how_long(119min), "119 min");
  EXPECT_EQ(how_long(47h), "47 h");
  EXPECT_EQ(how_long(168h), "7 d");
}

TEST(Printable, LeavesNothingThatMovesATerminal) {
  EXPECT_EQ(printable("Käse \xE2\x82\xAC \xF0\x9F\xA7\x80"), "Käse \xE2\x82\xAC \xF0\x9F\xA7\x80");
  EXPECT_EQ(printable("a\x1b[2Jb\n\x7f"), "a\\x1b[2Jb\\x0a\\x7f");
  EXPECT_EQ(printable("\xC2\x9B"), "\\u009b");              // CSI in one character
  EXPECT_EQ(printable("\xE2\x80\xAE"), "\\u202e");          // writes backwards
  EXPECT_EQ(printable("\xC3"), "\\xc3");                    // cut
  EXPECT_EQ(printable("\xC0\x9B"), "\\xc0\\x9b");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(as_utf8("a\xFF\xC3"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(width_of("Käse"), 4U);
}

TEST(TextTable, HasColumnsAsWideAsTheirWords) {
  using enum TextTable::Align;
  TextTable table({{"NAME"}, {"N", right}, {""}});
  table.add({"Käse", "1", ""});
  table.add({"a", "100", "x"});
  EXPECT_EQ(table.text(Colour::off), "NAME    N\nKäse    1\na     100  x\n");
  EXPECT_EQ(table.text(Colour::on), "\x1b[1mNAME    N\x1b[0m\nKäse    1\na     100  x\n");
}

events::OwnedRecord record() {
  return {.partition = 2,
          .offset = 7,
          .timestamp_ms = noon_ms + 123,
          .key = "42",
          .value = "x",
          .id = "products-9",
          .source = "/products/catalog",
          .type = "products.product.v1",
          .operation = "create",
          .trace = "00-a-b-01",
          .actor = "rest"};
}

TEST(RecordView, IsALineForPeople) {
  EXPECT_EQ(record_line(record(), R"({"id":42})", Colour::off),
            R"(2026-01-31T12:00:00.123Z  2@7  create  42  {"id":42})");
  auto gone = record();
  gone.value.reset();
  gone.key = "a\x1b[31m";
  EXPECT_EQ(record_line(gone, "", Colour::off),
            "2026-01-31T12:00:00.123Z  2@7  delete  a\\x1b[31m");
  auto emitted = record();
  emitted.operation.clear();
  EXPECT_EQ(record_line(emitted, failure(Code::unreadable_event, "no\nJSON"), Colour::off),
            "2026-01-31T12:00:00.123Z  2@7  event   42  cannot be read: no\\x0aJSON");
  EXPECT_THAT(record_line(record(), "{}", Colour::on), HasSubstr("\x1b[32mcreate\x1b[0m"));
}

TEST(RecordView, IsAnObjectForPrograms) {
  EXPECT_EQ(record_json("products-product-v1", record(), R"({"id":42})"),
            R"({"topic":"products-product-v1","partition":2,"offset":7,)"
            R"("time":"2026-01-31T12:00:00.123Z","key":"42","op":"create","id":"products-9",)"
            R"("source":"/products/catalog","type":"products.product.v1","trace":"00-a-b-01",)"
            R"("actor":"rest","value":{"id":42}})");
  events::OwnedRecord const bare{.key = "\xFF"};
  EXPECT_EQ(record_json("t", bare, ""),
            "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"time\":\"1970-01-01T00:00:00.000Z\","
            "\"key\":\"\xEF\xBF\xBD\",\"op\":\"delete\",\"id\":null,\"source\":null,\"type\":null,"
            "\"trace\":null,\"actor\":null,\"value\":null}");
  auto const unread = record_json("t", record(), failure(Code::unreadable_event, "no schema 9"));
  EXPECT_TRUE(unread.ends_with(R"("actor":"rest","error":"no schema 9"})")) << unread;
  EXPECT_TRUE(json::parse(unread));
}

TEST(TopicsView, SaysWhatIsWhereAndWhatWaits) {
  using events::TopicState;
  std::vector<TopicState> topics = {{.name = "a-b-v1",
                                     .domain = "a",
                                     .made_by = TopicState::MadeBy::changes,
                                     .made_of = "b",
                                     .format = "avro",
                                     .cleanup = "compact",
                                     .declared = true,
                                     .applied = true,
                                     .partitions = {{0, 1200}, {3, 3}},
                                     .records = 1200},
                                    {.name = "old",
                                     .domain = "a",
                                     .cleanup = "delete",
                                     .retention_ms = 604'800'000,
                                     .applied = true,
                                     .partitions = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 1000}}},
                                    {.name = "new",
                                     .domain = "a",
                                     .made_by = TopicState::MadeBy::dead_letters,
                                     .made_of = "a/p",
                                     .format = "json",
                                     .cleanup = "delete",
                                     .declared = true}};
  std::vector<events::PendingState> const pending = {{DomainName("a"), 1, std::chrono::minutes(5)},
                                                     {DomainName("b"), 0, {}}};
  EXPECT_EQ(
      topics_text(topics, pending, Colour::off),
      "TOPIC   DOMAIN  MADE BY              FORMAT  PARTITIONS  CLEANUP  RETENTION  RECORDS  NEXT "
      "OFFSETS\n"
      "a-b-v1  a       changes of b         avro             2  compact  for ever     1,200  1200 "
      "3\n"
      "old     a       ?                    ?                5  delete   7 d              0  1,006 "
      "in all  the folder does not know it\n"
      "new     a       dead letters of a/p  json                delete   for ever                  "
      "        not applied yet\n"
      "1 event waits in the log of a, the oldest for 5 min\n");
  auto const document = json::to_text(topics_json(topics, pending));
  EXPECT_THAT(document, HasSubstr(R"({"name":"old","domain":"a","made_by":null,"of":null,)"
                                  R"("format":null,"cleanup":"delete","retention_ms":604800000,)"
                                  R"("declared":false,"applied":true,"records":0)"));
  EXPECT_THAT(document, HasSubstr(R"({"partition":1,"start":3,"next":3})"));
  EXPECT_THAT(document, HasSubstr(R"("pending":[{"domain":"a","events":1,"oldest_ms":300000},)"
                                  R"({"domain":"b","events":0,"oldest_ms":null}])"));
  EXPECT_EQ(topics_text({}, {}, Colour::off), "no product of this mesh publishes a topic\n");
}

mesh::Subscription port() {
  mesh::Subscription out;
  out.domain = DomainName("orders");
  out.port = "placed";
  out.topic = "t-v1";
  out.group = "orders-main-placed";
  return out;
}

TEST(PortsView, SaysHowFarPortsAreAndWhyTheyStand) {
  auto const of = port();
  events::PortState state{
      .port = &of,
      .partitions = {{.partition = 0, .place = 5, .bounds = {0, 1205}, .moved_ms = noon_ms - 3000},
                     {.partition = 1, .bounds = {2, 4}},
                     {.partition = 2, .place = 1, .bounds = {4, 6}}},
      .at_work = true};
  auto const text = [&] { return ports_text({state}, noon, Colour::off); };
  EXPECT_EQ(text(),
            "PORT           TOPIC  PARTITION  PLACE   END    LAG  LAST PROGRESS\n"
            "orders/placed  t-v1           0      5  1205  1,200  3 s ago\n"
            "orders/placed  t-v1           1      -     4      2  -              not started\n"
            "orders/placed  t-v1           2      1     6      2  -              3 lost to "
            "retention\n");
  state.at_work = false;
  EXPECT_THAT(text(), HasSubstr("3 s ago        nobody works on it\n"));
  state.halt = events::HaltState{.partition = 0,
                                 .offset = 5,
                                 .sqlstate = "42P01",
                                 .reason = "relation \"x\" does not exist",
                                 .since_ms = noon_ms - 180'000,
                                 .tried_ms = noon_ms - 20'000};
  EXPECT_THAT(text(), HasSubstr("3 s ago        HALTED\n"));
  EXPECT_THAT(text(), HasSubstr("\norders/placed HALTED 3 min ago, at partition 0, offset 5 "
                                "(SQLSTATE 42P01)\n  relation \"x\" does not exist\n"
                                "  tried again 20 s ago; mend it and it goes on by itself\n"));
  auto const document = json::to_text(ports_json({state}));
  EXPECT_THAT(document, HasSubstr(R"("lag":1204,"halted":{"partition":0,"offset":5,)"
                                  R"("sqlstate":"42P01","reason":"relation \"x\" does not exist",)"
                                  R"("since":"2026-01-31T11:57:00.000Z",)"));
  EXPECT_THAT(document, HasSubstr(R"({"partition":1,"place":null,"start":2,"end":4,"lag":2,)"
                                  R"("lost":0,"moved":null})"));
  state.partitions.clear();
  EXPECT_THAT(text(), HasSubstr("the topic is not in its database: apply"));
  EXPECT_EQ(ports_text({}, noon, Colour::off), "no product of this mesh has an input port\n");
}

events::DeadLetter letter(std::int64_t offset, std::string reason) {
  return {.offset = offset,
          .died_ms = noon_ms,
          .sqlstate = "23514",
          .reason = std::move(reason),
          .topic = "t-v1",
          .key = "k\n",
          .operation = "create",
          .id = "orders-1",
          .partition = 1,
          .event_offset = 9,
          .event_ms = noon_ms - 1000,
          .event = R"({"a":1.50,"b":"\u001b[2J"})"};
}

TEST(LettersView, SaysWhatDiedAndHowOftenOf) {
  auto const of = port();
  std::vector<OpenLetters> const ports = {
      {&of, {}, false}, {&of, {letter(0, "same"), letter(1, "same"), letter(2, "other")}, true}};
  EXPECT_EQ(letters_text(ports, Colour::off),
            "orders/placed: the first 3 dead letters\n"
            "OFFSET  TIME                      KEY    SQLSTATE  EVENT     REASON\n"
            "     0  2026-01-31T12:00:00.000Z  k\\x0a  23514     t-v1 1@9  same\n"
            "     1  2026-01-31T12:00:00.000Z  k\\x0a  23514     t-v1 1@9  same\n"
            "     2  2026-01-31T12:00:00.000Z  k\\x0a  23514     t-v1 1@9  other\n"
            "  2 x same (23514)\n"
            "  1 x other (23514)\n");
  EXPECT_EQ(letters_text({{&of, {}, false}}, Colour::off), "no dead letters\n");
  EXPECT_EQ(json::to_text(*letters_json(ports).find("more")), "true");
}

TEST(LettersView, ShowsOneWithItsEvent) {
  auto const of = port();
  EXPECT_EQ(letter_text(of, letter(3, "broken")),
            "dead letter 3 of orders/placed\n"
            "  died      2026-01-31T12:00:00.000Z\n"
            "  reason    broken (23514)\n"
            "  event     t-v1 1@9, create\n"
            "  made      2026-01-31T11:59:59.000Z\n"
            "  key       k\\x0a\n"
            "  id        orders-1\n"
            "{\n  \"a\": 1.50,\n  \"b\": \"\\u001b[2J\"\n}\n");
  auto unread = letter(3, "broken");
  unread.event.clear();
  EXPECT_THAT(letter_text(of, unread), HasSubstr("cannot be replayed"));
  unread.operation = "delete";
  unread.outcome = "replayed";
  unread.done_ms = noon_ms;
  EXPECT_THAT(letter_text(of, unread), HasSubstr("a tombstone"));
  EXPECT_THAT(letter_text(of, unread), HasSubstr("  replayed  2026-01-31T12:00:00.000Z\n"));
  EXPECT_EQ(json::to_text(letter_json(of, letter(3, "broken"))),
            R"({"port":"orders/placed","offset":3,"time":"2026-01-31T12:00:00.000Z",)"
            R"("sqlstate":"23514","reason":"broken","replayable":true,"outcome":null,"done":null,)"
            R"("event":{"topic":"t-v1","partition":1,"offset":9,)"
            R"("time":"2026-01-31T11:59:59.000Z","key":"k\n","op":"create","id":"orders-1",)"
            R"("trace":null,"value":{"a":1.50,"b":"\u001b[2J"}}})");
}

TEST(DeadLetterValue, IsReadAsFarAsItSaysSomething) {
  events::Record const record{.offset = 4, .timestamp_ms = 5};
  auto const whole = events::read_dead_letter(
      record, R"({"reason":"r","sqlstate":"22012","topic":"t","partition":2,"offset":9,"key":"k",)"
              R"("time":"2026-01-31T12:00:00.000000Z","op":"update","id":"i","trace":null,)"
              R"("event":{"a":1.50}})");
  EXPECT_EQ(whole.offset, 4);
  EXPECT_EQ(whole.died_ms, 5);
  EXPECT_EQ(whole.event_offset, 9);
  EXPECT_EQ(whole.event_ms, noon_ms);
  EXPECT_EQ(whole.event, R"({"a":1.50})");
  EXPECT_TRUE(whole.replayable());
  for (auto const* const text :
       {"", "[]", "{", R"({"partition":"x","offset":1e400,"event":null})"}) {
    auto const poor = events::read_dead_letter(record, text);
    EXPECT_EQ(poor.offset, 4) << text;
    EXPECT_FALSE(poor.replayable()) << text;
  }
}

}  // namespace
}  // namespace hansa::cli
