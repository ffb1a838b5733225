"""Fixtures of the black-box tests."""
import uuid

import pytest

import browsing
import running


def pytest_sessionstart(session):
    if not running.HANSA.exists():
        pytest.exit(f"{running.HANSA} is not built; run script/test, or set HANSA", returncode=3)


@pytest.fixture(scope="module")
def shop():
    """A running copy of the example, shared by the tests of one file: each makes the rows it needs."""
    with running.running_shop() as mesh:
        yield mesh


@pytest.fixture
def fresh_shop():
    """A running copy of the example of the test's own."""
    with running.running_shop() as mesh:
        yield mesh


@pytest.fixture
def http(shop):
    with shop.client() as client:
        yield client


@pytest.fixture
def make_product(http):
    """Makes a product in the shop and returns its id."""
    def make(**fields):
        body = {"sku": uuid.uuid4().hex[:12], "name": "new", "price": 2.5, **fields}
        answer = http.post("/products/v1/product", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return make


@pytest.fixture
def folder():
    """A copy of the example that nothing runs from."""
    with running.short_folder() as parent:
        yield running.copy_shop(parent / "shop")


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a screen, shared by the tests of one file."""
    with browsing.running_browser() as one:
        yield one


def pytest_terminal_summary(terminalreporter):
    """What tests said of themselves with record_property("said", ...), passed or not."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in getattr(report, "user_properties", []):
                if name == "said" and report.when == "call":
                    terminalreporter.write_line(f"{report.nodeid}: {value}")
