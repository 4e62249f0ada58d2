"""The two conveniences of the site's script: filters apply on change, and the colour scheme is remembered."""

import pytest

from ecosystem.models import Company, Sector
from tests.builders import build

pytestmark = pytest.mark.django_db(transaction=True)


def test_script_remembers_the_colour_scheme_on_the_next_page(live_server, page):
    page.goto(f"{live_server}/about/")
    page.get_by_role("button", name="Colours: auto").click()
    page.get_by_role("button", name="Colours: light").click()
    page.goto(f"{live_server}/method/")
    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 25, 26)"


def test_script_applies_a_filter_on_change_and_keeps_its_focus(live_server, page):
    robotics = build(Sector, "robotics", name="Robotics")
    build(Company, many={"sectors": [robotics]})
    build(Company)
    page.goto(f"{live_server}/companies/")
    with page.expect_navigation(url="**/companies/?sector=robotics&sort=name"):
        page.get_by_label("Robotics 1").check()
    assert page.locator("#results").inner_text() == "1 company: Robotics"
    assert page.evaluate("document.activeElement.value") == "robotics"


def test_blank_fields_stay_out_of_the_address(live_server, page):
    page.goto(f"{live_server}/companies/")
    page.get_by_label("From year").fill("2015")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/companies/?founded_from=2015&sort=name")
