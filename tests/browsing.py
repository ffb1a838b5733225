"""A browser of the tests' own, and its pages with what they ask for and what they complain of."""
import contextlib
import shutil

from playwright.sync_api import sync_playwright


@contextlib.contextmanager
def running_browser():
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing; run script/bootstrap --tests"
    with sync_playwright() as play:
        one = play.chromium.launch(executable_path=chromium, args=[
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"])
        yield one
        one.close()


def open_page(browser, mesh, path, **context):
    """The page once it has loaded, the URLs it asks for, and its errors and warnings; both lists grow while it is open.

    `context`: what is special about its reader, as Playwright names it.
    """
    page = browser.new_context(**context).new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}")
            if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(mesh.url + path, wait_until="networkidle")
    return page, asked, said
