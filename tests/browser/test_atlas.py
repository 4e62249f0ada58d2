"""The pictures of the hub as a reader meets them: by pointer, by keyboard, on a phone, in the dark."""

import pytest
from playwright.sync_api import expect

from ecosystem.models import Breakthrough, Challenge, Company, Place, Sector
from ecosystem.templatetags.portal import TINTS
from tests.builders import build, build_statement

pytestmark = pytest.mark.django_db(transaction=True)

# The ratio of WCAG 2.2 between two colours as the browser computes them.
CONTRAST = """([one, other]) => {
  const paint = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
  const light = (colour) => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) =>
      part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}"""


@pytest.fixture
def hub(transactional_db):
    """A sector for each colour, each with a firm, and one of everything else that the pictures show."""
    city = build(Place, "city", kind="city")
    there = build(Place, "district", parent=city, latitude="30.2", longitude="120.2")
    build(Place, "park", kind="park", parent=there, latitude="30.25", longitude="120.1")
    for n in range(TINTS + 1):
        sector = build(Sector, f"sector-{n}")
        firm = build(
            Company,
            f"firm-{n}",
            name_zh="宇树",
            founded=f"{2001 + n}",
            place=there,
            many={"sectors": [sector]},
        )
    feat = build(Breakthrough, "feat", date="2020-02", many={"companies": [firm], "sectors": [sector]})
    build_statement(feat, kind="metric", status="disputed")
    hurdle = build(Challenge, "hurdle", many={"sectors": [sector]})
    build_statement(hurdle, kind="update", date="2021", key="", status="reported")


def visit(page, live_server, path, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server}{path}")
    page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_seals_and_regions_can_be_told_from_what_is_behind_them(live_server, page, hub, scheme):
    visit(page, live_server, "/landscape/", 1280, scheme)
    pairs = page.evaluate(
        """() => [...document.querySelectorAll(".region")].flatMap((region) => {
          const seal = getComputedStyle(region.querySelector(".seal"));
          const body = getComputedStyle(document.body).backgroundColor;
          const ground = getComputedStyle(region).backgroundColor;
          const fill = seal.backgroundColor;
          return [[fill, ground], [fill, body], [seal.color, fill]];
        })"""
    )
    assert len(pairs) == 3 * (TINTS + 1)
    assert min(page.evaluate(CONTRAST, pair) for pair in pairs) >= 3


def test_landscape_by_keyboard_shows_the_line_and_opens_the_page(live_server, page, hub):
    visit(page, live_server, "/landscape/", 1280, "light")
    tile = page.locator(".tiles a").first
    line = tile.locator("xpath=following-sibling::p")
    tile.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(tile).to_be_focused()
    expect(line).to_have_css("position", "fixed")
    assert line.bounding_box()["height"] > 20
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/firm-0/")


def test_landscape_by_pointer_shows_the_line_and_covers_no_focus(live_server, page, hub):
    visit(page, live_server, "/landscape/", 1280, "light")
    line = page.locator(".tile-line").first
    assert line.bounding_box()["height"] <= 1
    page.locator(".tiles a").first.hover()
    assert line.bounding_box()["height"] > 20
    assert "What firm-0 is." in line.inner_text()


def test_landscape_folds_its_filters_until_asked(live_server, page, hub):
    page.goto(f"{live_server}/landscape/")
    box = page.get_by_label("Sector 1 1")
    expect(box).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    box.check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/landscape/?sector=sector-1&sort=name")
    expect(page.locator(".region")).to_have_count(1)


def test_landscape_prints_every_tile_and_no_line(live_server, page, hub):
    page.goto(f"{live_server}/landscape/")
    page.emulate_media(media="print")
    expect(page.locator(".tile-line").first).to_be_hidden()
    expect(page.locator(".tiles .seal")).to_have_count(TINTS + 1)
    expect(page.locator(".strip")).to_be_hidden()


def test_map_by_keyboard_opens_a_place(live_server, page, hub):
    page.goto(f"{live_server}/places/")
    circle = page.get_by_role("link", name="District: 9 companies")
    circle.focus()
    expect(circle).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/places/district/")


def test_bars_stand_inside_their_picture(live_server, page, hub):
    visit(page, live_server, "/companies/", 360, "light")
    picture = page.locator("#company-founded + svg").bounding_box()
    bars = [bar.bounding_box() for bar in page.locator("#company-founded + svg .bar").all()]
    assert len(bars) == TINTS + 1
    assert all(picture["x"] <= bar["x"] <= picture["x"] + picture["width"] - bar["width"] for bar in bars)
