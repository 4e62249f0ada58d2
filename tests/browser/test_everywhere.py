"""What must hold on every page: nothing axe finds, no sideways scroll, all of it by keyboard, on paper."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import expect

from ecosystem.models import Breakthrough, Company, Sector
from ecosystem.search import reindex
from ecosystem.templatetags.portal import TINTS
from tests.browser.accessible import OF_LAYOUT, violations
from tests.builders import build, build_source, build_statement, populate
from tests.pages import DETAILED, PLAIN, address

pytestmark = pytest.mark.django_db(transaction=True)

# Each scheme once, and every width. At 1280 pixels, 640 are 200 % zoom and 320 are 400 %.
LOOKS = [(320, "light", {}), (768, "light", OF_LAYOUT), (1440, "dark", {})]
WIDTHS = (320, 640, 768, 1440)
LARGE_LETTERS = "document.documentElement.style.fontSize = '200%'"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
OPEN = "document.querySelectorAll('details').forEach((details) => details.open = true)"


@pytest.fixture
def rows(transactional_db):
    """A small site with a sector of each colour, a name that does not fit, and figures of three hubs."""
    rows = populate(3)
    for n in range(TINTS):
        sectors = [build(Sector, f"tint-{n}", name_zh="机器人")]
        build(Company, f"firm-{n}", name=f"Robot works {n}", name_zh="宇树科技", many={"sectors": sectors})
    build(Company, "long", name=LONG, summary=LONG, name_zh="名" * 20, many={"sectors": rows["sector"]})
    build(Company, "gone", state="withdrawn")
    for place, hub in enumerate(rows["hub"], start=1):
        figure = {"kind": "indicator", "key": "rank", "label": "Rank", "value": place, "unit": "rank"}
        build_statement(hub, rows["source"][:1], actor="Nature", date="2025", text="", **figure)
    # What is made in bulk tells no listener: this edit gives a record a second version.
    for row in Company.objects.filter(slug="company-0"):
        row.name = "Renamed"
        row.save()
    reindex()
    return rows


def addresses(rows):
    """A page of every template: plain ones, lists, a record of each kind, and what goes wrong."""
    firm = rows["company"][0].get_absolute_url()
    return [
        *(reverse(name) for name in PLAIN),
        *(rows[noun][0].get_absolute_url() for noun in DETAILED),
        address("company"),
        address("company", query="sector=sector-0&view=table&sort=founded"),
        address("company", query="founded_from=2030&q=zzzz"),
        address("company", query="founded_from=soon&colour=red"),
        address("company", query="page=99"),
        address("breakthrough"),
        address("breakthrough", query="view=table"),
        address("challenge"),
        address("challenge", query="view=table"),
        address("factor", query="view=table"),
        address("institution"),
        address("collection", query="view=table"),
        address("hub"),
        address("source"),
        address("source", query="view=table"),
        address("statement", query="view=table"),
        reverse("company-embed"),
        f"{reverse('search')}?q=robot",
        f"{reverse('search')}?q=robit",
        f"{reverse('search')}?q=zzzz",
        f"{reverse('company-compare')}?c=company-0&c=firm-1&c=long",
        f"{reverse('company-compare')}?c=company-0&c=nowhere",
        f"{firm}history/",
        f"{firm}?version=1",
        f"{firm}?version=none",
        "/companies/long/",
        "/companies/gone/",
        "/no/such/page/",
    ]


def faults(page, path):
    """What is wrong with a page in each look, as readable lines."""
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        for rule in violations(page, **rules):
            yield f"{path} at {width}, {scheme}: {rule['id']}: {rule['nodes'][0]['html']}"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{path} at {width}: {wide} wide"
    page.evaluate(LARGE_LETTERS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{path} at {width} with letters of twice the size: {wide} wide"


def faults_of(page, live_server, paths):
    found = []
    for path in paths:
        page.goto(f"{live_server}{path}")
        page.evaluate(OPEN)
        found += faults(page, path)
    return found


def test_every_page_is_accessible_and_fits(live_server, page, rows):
    found = faults_of(page, live_server, addresses(rows))
    assert not found, "\n".join(found)


def test_pages_of_failures_are_accessible_and_fit(live_server, page, rf, transactional_db):
    """Those that no address leads to, drawn in place of another page."""
    found = []
    for name in ("400", "403", "403_csrf", "500", "503"):
        page.goto(f"{live_server}{reverse('about')}")
        context = {"sentence": "A sentence about it."}
        page.set_content(render_to_string(f"{name}.html", context, rf.get("/about/")))
        found += faults(page, name)
    assert not found, "\n".join(found)


def test_pages_of_an_empty_site_are_accessible_and_fit(live_server, page, transactional_db):
    names = ("home", "company-list", "landscape", "timeline-list", "place-list", "compare", "checked")
    found = faults_of(page, live_server, map(reverse, names))
    assert not found, "\n".join(found)


# What a reader can stop at, in the order of the page.
STOPS = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((element) => element.checkVisibility({visibilityProperty: true}) && !element.disabled
    && element.type !== "hidden")
  .map((element, number) => element.dataset.stop = String(number)).length"""
FOCUS = """() => {
  const element = document.activeElement, style = getComputedStyle(element);
  const ring = element.matches("svg *") ? getComputedStyle(element.querySelector("circle")) : style;
  const seen = (parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none") || ring !== style;
  const box = element.getBoundingClientRect();
  return [element.dataset.stop, seen && box.bottom > 0 && box.top < innerHeight];
}"""


def test_every_control_is_reached_by_keyboard_in_order_with_visible_focus(live_server, page, rows):
    for path in (
        "/",
        "/companies/?sector=sector-0",
        "/companies/?view=table",
        "/landscape/",
        "/timeline/",
        "/places/",
        "/sectors/sector-0/",
        "/compare/",
        "/companies/compare/?c=company-0&c=firm-1",
        "/search/?q=robot",
        "/companies/company-0/",
        "/challenges/challenge-0/",
        "/sources/",
        "/data/",
        "/corrections/new/?record=company/company-0",
        "/no/such/page/",
    ):
        page.goto(f"{live_server}{path}")
        number = page.evaluate(STOPS)
        assert number > 20, path  # the head and the foot alone hold as many
        met = []
        for _ in range(number):
            page.keyboard.press("Tab")
            met.append(page.evaluate(FOCUS))
        assert met == [[str(place), True] for place in range(number)], path


def test_skip_link_leads_past_the_head(live_server, page, transactional_db):
    page.goto(f"{live_server}/companies/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
def test_readers_walk(browser, live_server, rows, script):
    """From the first page by a figure to a list, by two filters to a company, to a source, and back."""
    context = browser.new_context(java_script_enabled=script, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{live_server}/")
    page.get_by_role("link", name=re.compile(r"^\d+ companies$")).click()
    page.get_by_role("checkbox", name=re.compile(r"^Sector 0 ")).check()
    if not script:
        page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/companies/?sector=sector-0*")
    page.get_by_label("From year").fill("2000")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/companies/?founded_from=2000&sector=sector-0*")
    filtered, chips = page.url, page.get_by_role("list", name="Filters in force").get_by_role("link")
    expect(chips).to_contain_text(["From year: 2000", "Sector: Sector 0", "Clear all"])
    page.get_by_role("link", name="Renamed").click()
    page.wait_for_url("**/companies/company-0/")
    page.get_by_role("link", name="Source 1", exact=True).first.click()
    page.locator("li:target .source-title").click()
    page.wait_for_url("**/sources/source-*/")
    assert "Statements that rest on it" in page.locator("main").inner_text()
    for _ in range(3):
        page.go_back()
    assert page.url == filtered
    context.close()


def test_record_with_forty_sources_prints_as_two_pages(live_server, page, transactional_db):
    """As much as the fullest of the shipped records: 31 statements, 42 sources, 22 records related to it."""
    firm = build(
        Company, "full", name_zh="深度求索", summary="What it is, in a line. " * 3, body="A text. " * 70
    )
    sources = [build_source(title=f"A title of usual length for a newspaper, {n}") for n in range(42)]
    for n in range(31):
        kind = "fact" if n < 19 else "event" if n < 27 else "check"
        text = "Some ten words that say what is known of it." * (4 if kind == "check" else 1)
        build_statement(firm, sources[n : n + 2], kind=kind, key=f"key-{n}", text=text, date="2024-05-01")
    for n in range(22):
        build(Breakthrough, name=f"What was achieved in the year {n}", many={"companies": [firm]})
    page.goto(f"{live_server}/companies/full/")
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 2


def test_forced_colours_keep_what_colour_told(live_server, page, rows):
    """Where the system takes the colours, regions keep edges, and the menu still marks the page."""
    page.emulate_media(forced_colors="active")
    page.goto(f"{live_server}/landscape/")
    for selector in (".region", ".tiles .seal"):
        assert (
            page.locator(selector).first.evaluate("it => parseFloat(getComputedStyle(it).borderTopWidth)")
            >= 1
        )
    current = page.locator("nav [aria-current=page]")
    assert current.evaluate("it => getComputedStyle(it).textDecorationLine") == "underline"


def test_reduced_motion_has_no_transition_between_pages(live_server, page, transactional_db):
    conditions = """() => {
      const inside = (rule) => [rule, ...[...(rule.cssRules ?? [])].flatMap(inside)];
      return [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).flatMap(inside)
        .filter((rule) => rule instanceof CSSViewTransitionRule)
        .map((rule) => rule.parentRule.conditionText);
    }"""
    page.goto(f"{live_server}/about/")
    assert page.evaluate(conditions) == ["(prefers-reduced-motion: no-preference)"]
