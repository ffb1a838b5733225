// Whatever happens between and inside steps, applying again ends in the same place.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "delivery/applied_shop.h"

namespace hansa::delivery {
namespace {

using types::Kind;

// One domain is enough to meet every kind of step, and keeps the number of kills small.
void keep_products_only(AppliedShop& shop) {
  std::erase_if(shop.mesh.domains, [](auto const& d) { return d.name.text() != "products"; });
}

// A change with steps of every kind: rename, add, widen, require, checks, indexes, comments,
// topics, functions, triggers, drops.
void change_much(mesh::Mesh& mesh) {
  auto& name = shop::column_of(mesh, "product", "name");
  name.name = ColumnName("title");
  name.physical_name = "title";
  name.renamed_from = "name";
  name.rules.max_length = 300;
  shop::column_of(mesh, "product", "stock").type.kind = Kind::int64;
  shop::column_of(mesh, "product", "stock").required = true;
  auto& product = shop::object(mesh, "product");
  product.columns.push_back(shop::column("note", Kind::text));
  product.description = "All we sell";
  product.indexes.push_back(
      shop::index_on("product", "price", mesh::Index::Origin::declared, "idx"));
  product.indexes.erase(product.indexes.begin() + 1);
  shop::remove_column(mesh, "category", "title");
  shop::unpublish(mesh, "category");
  shop::unpublish(mesh, "product");
  mesh.topics.push_back(shop::topic_of(mesh, "product"));
  mesh.topics.back().partitions = 3;
}

enum class Moment : std::uint8_t { before_step, after_step };

// Applies in a child process that is killed at its first step, without a chance to clean up.
// True when the child found nothing to do.
bool apply_and_be_killed(AppliedShop const& shop, Moment moment) {
  pid_t const child = ::fork();
  if (child == 0) {
    ApplyOptions options{.allow_destructive = true};
    options.progress = [moment](std::size_t index, std::size_t, plan::Step const&, bool done) {
      // Before the second step when killed before, so that every run gets one step further.
      if (moment == Moment::before_step ? index == 1 && !done : done) ::kill(::getpid(), SIGKILL);
    };
    try {
      apply(shop.mesh, shop.place(), options);
      ::_exit(0);
    } catch (std::exception const& error) {
      static_cast<void>(std::fprintf(stderr, "%s\n", error.what()));
      ::_exit(1);
    }
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) return false;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return true;
}

void be_killed_until_done(AppliedShop const& shop, Moment moment) {
  auto const steps = shop.planned().steps.size();
  std::size_t kills = 0;
  while (!apply_and_be_killed(shop, moment)) ASSERT_LE(++kills, 3 * steps + 3);
  EXPECT_GE(kills + 2, steps);
  EXPECT_EQ(shop.planned_text(), "No changes. The database is as declared.\n");
}

void add_rows(AppliedShop& shop) {
  shop.sql("insert into products.category (title) values ('Käse')");
  shop.sql(
      "insert into products.product (sku, name, price, stock, category_id) "
      "select 'S' || n, 'Thing ' || n, n, n, 1 from generate_series(1, 50) n");
}

TEST(Interrupted, ByAKillAfterEveryStep) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  keep_products_only(shop);
  be_killed_until_done(shop, Moment::after_step);
  add_rows(shop);
  change_much(shop.mesh);
  be_killed_until_done(shop, Moment::after_step);
  EXPECT_EQ(shop.one("select count(*) from products_v1.product where title like 'Thing%'"), "50");
}

TEST(Interrupted, ByAKillBeforeEveryStep) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  keep_products_only(shop);
  be_killed_until_done(shop, Moment::before_step);
  add_rows(shop);
  change_much(shop.mesh);
  be_killed_until_done(shop, Moment::before_step);
}

TEST(Interrupted, ByALostConnectionAtEveryStep) {
  SKIP_WITHOUT_POSTGRES();
  CapturedShop shop;
  keep_products_only(shop);
  shop.applied();
  add_rows(shop);
  change_much(shop.mesh);
  auto const steps = shop.planned().steps.size();
  // Each run loses its backend one step later than the one before would have.
  for (std::size_t lost_at = 0; lost_at < steps; ++lost_at) {
    ApplyOptions options{.allow_destructive = true};
    options.progress = [&](std::size_t index, std::size_t, plan::Step const&, bool done) {
      if (index == (lost_at == 0 ? 0 : 1) && !done)
        shop.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = "
            "'apply' and datname = current_database()");
    };
    if (shop.planned().steps.size() < 2) break;
    EXPECT_EQ(error_of([&] { shop.applied(options); }).code, Code::database_unreachable);
  }
  shop.applied_whatever_is_lost();
  EXPECT_EQ(shop.planned_text(), "No changes. The database is as declared.\n");
}

TEST(Interrupted, InsideAConcurrentIndexBuild) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop::object(shop.mesh, "product")
      .indexes.push_back(shop::index_on("product", "price", mesh::Index::Origin::declared, "idx"));
  auto writer = postgres::Session::open(shop.database.target());
  writer.execute("begin");
  writer.execute("insert into products.category (title) values ('x')");
  writer.execute("lock table products.product in row exclusive mode");
  Error error;
  std::thread applying([&] { error = error_of([&] { shop.applied(); }); });
  // The build waits for the writer; then its backend is gone.
  while (shop.one("select count(*) from pg_stat_activity where application_name = 'apply' and "
                  "datname = current_database() and wait_event_type = 'Lock' and query like "
                  "'create index concurrently%'") != "1")
    std::this_thread::yield();
  shop.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'apply' "
      "and datname = current_database()");
  applying.join();
  EXPECT_EQ(error.code, Code::database_unreachable);
  writer.execute("rollback");
  EXPECT_NE(shop.planned_text().find("left unfinished"), std::string::npos) << shop.planned_text();
  shop.applied();
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
}

TEST(Interrupted, ByRequestBetweenSteps) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  std::atomic<bool> interrupted{false};
  ApplyOptions options;
  options.interrupted = &interrupted;
  options.progress = [&](std::size_t index, std::size_t, plan::Step const&, bool) {
    if (index == 2) interrupted = true;
  };
  auto const error = error_of([&] { shop.applied(options); });
  EXPECT_EQ(error.code, Code::interrupted);
  EXPECT_TRUE(error.detail.starts_with("stopped after 3 of ")) << error.detail;
  shop.applied();
  EXPECT_TRUE(shop.planned().empty());
}

TEST(Locks, AreAwaitedInShortTriesWithoutHoldingOthersUp) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop::object(shop.mesh, "product").columns.push_back(shop::column("note", Kind::text));
  auto reader = postgres::Session::open(shop.database.target());
  reader.execute("begin");
  reader.execute("select * from products.product");
  std::thread applying([&] { shop.applied(); });
  while (shop.one("select count(*) from pg_stat_activity where application_name = 'apply' and "
                  "datname = current_database() and wait_event_type = 'Lock'") == "0")
    std::this_thread::yield();
  // A reader that comes now queues behind the waiting ALTER, for one try at most.
  shop.sql("set statement_timeout = '5s'");
  EXPECT_EQ(shop.one("select count(*) from products.product"), "0");
  reader.execute("commit");
  applying.join();
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
}

TEST(Locks, ThatNeverComeAreReportedWithTheirHolder) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop::object(shop.mesh, "product").columns.push_back(shop::column("note", Kind::text));
  auto reader =
      postgres::Session::open({.conninfo = shop.database.conninfo(), .application = "report"});
  reader.execute("begin");
  reader.execute("select 'a long report' from products.product");
  ApplyOptions const options{.lock_timeout = std::chrono::milliseconds(300),
                             .lock_patience = std::chrono::milliseconds(2000)};
  auto const error = error_of([&] { shop.applied(options); });
  EXPECT_EQ(error.code, Code::lock_not_granted);
  EXPECT_NE(error.detail.find("it is held by pid " + std::to_string(reader.backend_pid())),
            std::string::npos)
      << error.detail;
  reader.execute("commit");
  shop.applied();
  EXPECT_TRUE(shop.planned().empty());
}

TEST(Locks, ThatAConcurrentIndexNeverGetsLeaveItToTheNextApply) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  shop.applied();
  shop::object(shop.mesh, "product")
      .indexes.push_back(shop::index_on("product", "price", mesh::Index::Origin::declared, "idx"));
  auto writer = postgres::Session::open(shop.database.target());
  writer.execute("begin");
  writer.execute("lock table products.product in row exclusive mode");
  ApplyOptions const options{.lock_patience = std::chrono::milliseconds(300)};
  EXPECT_EQ(error_of([&] { shop.applied(options); }).code, Code::lock_not_granted);
  writer.execute("commit");
  shop.applied();
  EXPECT_TRUE(shop.planned().empty()) << shop.planned_text();
  EXPECT_EQ(shop.one("select count(*) from pg_index where not indisvalid"), "0");
}

TEST(Locks, LetOnlyOneApplyAtATime) {
  SKIP_WITHOUT_POSTGRES();
  AppliedShop shop;
  ApplyOptions options;
  Error second;
  options.progress = [&](std::size_t index, std::size_t, plan::Step const&, bool done) {
    if (index == 0 && done) second = error_of([&] { shop.applied(); });
  };
  shop.applied(options);
  EXPECT_EQ(second.code, Code::apply_in_progress);
  EXPECT_NE(second.detail.find("apply"), std::string::npos);
  EXPECT_TRUE(shop.planned().empty());
}

}  // namespace
}  // namespace hansa::delivery
