"""Debian's Chromium, driven by Playwright: one browser for this folder, a fresh profile for each test."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SECONDS_TO_WAIT = 20


# Not for the session: as long as Playwright runs, its event loop does, and other tests would notice.
@pytest.fixture(scope="package")
def browser(django_db_setup):
    if not CHROMIUM.exists():
        # Where the checks must be whole, a browser that is missing is a failure and no excuse.
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent(f"There is no Chromium at {CHROMIUM}. On Debian: apt-get install chromium")
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Django takes the loop for asynchronous code of ours.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page in a fresh profile; an error in one of its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SECONDS_TO_WAIT * 1000)
    page, problems = context.new_page(), []
    page.on("pageerror", lambda problem: problems.append(problem))
    yield page
    context.close()
    assert not problems
