"""One record from its draft to its withdrawal, by author, reviewer and chief editor, as they would do it."""

import csv

import pytest
from django.conf import settings
from django.test import Client
from django.utils.text import slugify
from playwright.sync_api import expect

from ecosystem.models import Company, Sector
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from tests.builders import build, build_correction, build_source, build_user

FACTS = [
    ("Founded", "In 2016."),
    ("Employees", "About 500."),
    ("Hub link", "Its head office is in Binjiang."),
    ("Founder", "A graduate of Zhejiang University."),
    ("First product", "A quadruped robot."),
    ("First round", "Two million yuan."),
    ("Second round", "Ten million yuan."),
    ("Patents", "About 180."),
    ("Price of a robot", "9,997 yuan."),
    ("Exports", "Half of its sales."),
    ("Listing", "Filed in Shanghai."),
    ("Export rules", "Listed by no regulator."),
]


@pytest.fixture
def desks(browser, live_server, transactional_db):
    """{role: a page in a browser of its own, signed in}; whatever breaks the policy fails the test."""
    pages, refused = {}, []
    for role in (AUTHOR, REVIEWER, CHIEF_EDITOR):
        client = Client()
        client.force_login(build_user(role))
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
        pages[role] = context.new_page()
        pages[role].on(
            "console", lambda message: refused.append(message.text) if "Policy" in message.text else 0
        )
    yield pages
    for page in pages.values():
        page.context.close()
    assert refused == []


@pytest.fixture
def content(transactional_db):
    build(Sector, "robotics", name="Robotics")
    known = build(Company, "known", name="Known Robots", many={"sectors": Sector.objects.all()})
    for n in range(len(FACTS)):
        build_source(f"paper-{n}", url=f"https://paper-{n}.example/story", title=f"Story {n}")
    return known


def choose(page, box, text, option):
    """Take an option of an autocomplete by typing."""
    page.locator(f"{box} .select2-search__field").first.press_sequentially(text)
    page.get_by_role("option", name=option).click()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def write_draft(page, site):
    """The author's part: a form, twelve rows, one save."""
    page.goto(f"{site}/admin/ecosystem/company/add/")
    page.get_by_label("Name:", exact=True).press_sequentially("New Robots")
    page.get_by_label("Hub link:").select_option("Headquartered here")
    choose(page, ".field-sectors", "robo", "Robotics")
    for n, (label, text) in enumerate(FACTS):
        if n:
            page.keyboard.press("Control+Enter")
        row = page.locator(f"#statements-{n}")
        row.get_by_label("Label:").fill(label)
        row.get_by_label("Key:").fill(slugify(label))
        row.get_by_label("Text:").fill(text)
        row.locator(".select2-search__field").fill(f"https://www.paper-{n}.example/story/?utm_source=mail")
        page.keyboard.press("Enter")
        expect(row.locator(".allowed")).to_contain_text("“Reported”")
    press(page, "Save draft")
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.get_by_role("link", name="New Robots").first.click()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    press(page, "Send to review")
    expect(page.get_by_text("New Robots: in review")).to_be_visible()


def publish(page, site):
    """The reviewer's part: refused for what is missing, mended where the complaints lead, published."""
    page.goto(f"{site}/admin/")
    page.get_by_role("link", name="1 company", exact=True).first.click()
    page.get_by_role("link", name="New Robots").click()
    press(page, "Publish")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Summary")
    expect(alert).to_contain_text("Sources")
    alert.get_by_role("link", name="Summary").click()
    expect(page.get_by_label("Summary:")).to_be_focused()
    page.keyboard.type("Makes robots with legs.")
    choose(page, ".field-sources", "Story 1", "Story 11")
    press(page, "Save and continue editing")
    page.get_by_role("link", name="Preview", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("New Robots")
    expect(page.get_by_text("Makes robots with legs.").first).to_be_visible()
    page.go_back()
    press(page, "Publish")
    expect(page.get_by_text("New Robots: published")).to_be_visible()


def look_up(page, site):
    """A reader's view of it: the list counts one more, and the record shows its twelve facts."""
    page.goto(f"{site}/companies/?sector=robotics")
    expect(page.get_by_role("heading", name="2 companies")).to_be_visible()
    expect(page.locator("label", has_text="Robotics").locator("..")).to_contain_text("2")
    page.get_by_role("link", name="New Robots").first.click()
    for label, _ in FACTS:
        expect(page.get_by_text(label, exact=True).first).to_be_visible()


def correct_and_restore(page, site):
    """The chief editor changes a fact, compares both versions, and takes the change back."""
    page.goto(f"{site}/admin/ecosystem/company/?q=new+robots")
    page.get_by_role("link", name="New Robots").click()
    page.get_by_label("Summary:").fill("Makes robots with wheels.")
    press(page, "Save and continue editing")
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_text("Makes robots with wheels.").first).to_be_visible()
    page.locator("input[name=a]").nth(1).check()
    page.locator("input[name=b]").nth(0).check()
    press(page, "Compare the two chosen")
    expect(page.locator("#comparison ~ *").first).to_contain_text("Makes robots with legs.")
    page.get_by_role("link", name="Restore this version").first.click()
    expect(page.get_by_text("Makes robots with legs.").first).to_be_visible()
    page.get_by_label("Reason").fill("It has legs after all.")
    press(page, "Restore")
    page.goto(f"{site}/companies/new-robots/")
    expect(page.get_by_text("Makes robots with legs.").first).to_be_visible()


def withdraw(page, site):
    page.goto(f"{site}/admin/ecosystem/company/?q=new+robots")
    page.get_by_role("link", name="New Robots").click()
    page.get_by_role("link", name="Withdraw").first.click()
    page.get_by_label("Reason").fill("It was a double.")
    press(page, "Withdraw")
    answer = page.goto(f"{site}/companies/new-robots/")
    assert answer.status == 410
    expect(page.get_by_text("It was a double.")).to_be_visible()


def bring_table(page, site, path):
    """Two hundred rows of which three are bad: named one by one, mended, imported."""
    rows = [
        {"slug": f"firm-{n}", "name": f"Firm {n}", "founded": "2016", "sectors": "robotics"}
        for n in range(200)
    ]
    bad = [dict(row) for row in rows]
    bad[10]["founded"], bad[50]["sectors"], bad[199]["slug"] = "soon", "robotics|magic", "Not a slug"
    for table, button in ((bad, None), (rows, "Import")):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(table)
        page.goto(f"{site}/admin/ecosystem/company/import/")
        page.get_by_label("File").set_input_files(path)
        page.get_by_label("Reason").fill("From the register.")
        press(page, "Show what would change")
        if button:
            expect(page.get_by_text("200 new, 0 changed, 0 as before.")).to_be_visible()
            press(page, button)
        else:
            expect(page.get_by_text("Nothing was written: 3 of 200 rows have errors.")).to_be_visible()
            for row, column in (("12", "founded"), ("52", "sectors"), ("201", "slug")):
                expect(page.get_by_role("row", name=f"{row} {column}")).to_be_visible()
    page.goto(f"{site}/admin/ecosystem/company/?q=firm")
    expect(page.get_by_text("200 results")).to_be_visible()


def answer_report(page, site, report):
    page.goto(f"{site}/admin/")
    page.get_by_role("link", name="1 correction").click()
    page.get_by_role("link", name=report.reference).click()
    page.get_by_label("Accepted", exact=True).check()
    page.get_by_label("Reason").fill("The register says so.")
    press(page, "Save")
    page.goto(f"{site}/corrections/")
    expect(page.get_by_text("Accepted: The register says so.")).to_be_visible()


def test_record_goes_its_whole_way_through_three_roles(desks, content, live_server, tmp_path):
    report = build_correction(content, "open", wrong="It was 2015.")
    author, reviewer, chief = desks.values()
    site = live_server.url
    write_draft(author, site)
    publish(reviewer, site)
    look_up(reviewer, site)
    correct_and_restore(chief, site)
    withdraw(reviewer, site)
    bring_table(chief, site, tmp_path / "firms.csv")
    answer_report(reviewer, site, report)
