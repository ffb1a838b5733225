"""The docs page in a real browser: it works, and asks nobody but us."""
import pytest

from browsing import open_page


@pytest.mark.parametrize("domain", ["products", "orders", "users", "analytics"])
def test_docs_load_without_anybody_else(browser, shop, domain):
    page, asked, said = open_page(browser, shop, f"/{domain}/v1/docs")
    page.wait_for_selector(".opblock", timeout=20_000)
    assert page.locator(".opblock").count() >= 5
    outside = [url for url in asked if not url.startswith((shop.url, "data:", "blob:"))]
    assert outside == []
    assert said == []


def test_try_it_out_reads_and_writes(browser, shop):
    page, _, said = open_page(browser, shop, "/products/v1/docs")
    page.locator(".opblock-get").first.click()
    page.get_by_role("button", name="Execute").first.click()
    page.wait_for_selector(".live-responses-table", timeout=20_000)
    assert "Laptop Pro" in page.locator(".live-responses-table").inner_text()
    assert said == []
    page.locator(".opblock-get").first.locator(".opblock-summary").click()
    page.locator(".opblock-post").first.click()
    block = page.locator(".opblock-post").first
    block.locator("textarea").first.fill('{"name": "from the docs", "price": 2.5}')
    block.get_by_role("button", name="Execute").click()
    block.locator(".live-responses-table").wait_for(timeout=20_000)
    assert "201" in block.locator(".live-responses-table").inner_text()
    assert shop.psql("select count(*) from products.product where name = 'from the docs'") == "1"


def test_front_page_leads_on(browser, shop):
    page, asked, said = open_page(browser, shop, "/")
    assert said == []
    assert all(url.startswith((shop.url, "data:")) for url in asked)
