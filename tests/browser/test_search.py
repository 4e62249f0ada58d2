"""The search and the comparisons in a browser: by keyboard, without script, in both schemes, on a phone."""

import pytest
from playwright.sync_api import expect

from ecosystem.models import Company, Hub
from ecosystem.search import reindex
from tests.builders import build, build_statement
from tests.test_comparison import measure


@pytest.fixture
def site(transactional_db, live_server):
    firms = [
        build(
            Company,
            f"firm-{n}",
            name=f"Robot Works {n}",
            name_zh=f"宇树{n}",
            founded=f"200{n}",
            other_names="群核",
        )
        for n in range(4)
    ]
    for firm in firms:
        build_statement(firm, key="founders", label="Founders", text=f"Founder of {firm.name}")
    measure([build(Hub, f"hub-{n}", is_home=not n) for n in range(3)], [13, 4, 6], unit="rank")
    reindex()
    return live_server.url


def test_search_by_keyboard_without_script(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.get_by_label("Search every record").focus()
    page.keyboard.type("founder 群核")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("群核")
    page.get_by_role("link", name="Robot Works 1").click()
    page.get_by_role("link", name="compare with…").click()
    page.get_by_label("Find a company").fill("robot")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Add Robot Works 2").click()
    expect(page.get_by_role("columnheader")).to_have_count(2)
    assert page.url.endswith("/companies/compare/?c=firm-1&c=firm-2")
    context.close()
