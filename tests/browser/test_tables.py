"""A chief editor takes a table out and in, reads the rules and previews a text, under the site's policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from ecosystem.models import Company
from ecosystem.roles import CHIEF_EDITOR
from tests.builders import build, build_source, build_statement, build_user

# Head, sidebar and foot are Django's.
MIDDLE = ["#content-start"]
FADED = "Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => null)"


@pytest.fixture
def chief(page, live_server, transactional_db):
    """A page of a chief editor who is logged in. What the policy refuses fails the test."""
    build_user(CHIEF_EDITOR, "editor", password="a long password")
    page.refused = []
    page.on(
        "console", lambda message: page.refused.append(message.text) if "Policy" in message.text else None
    )
    page.goto(f"{live_server.url}{reverse('admin:login')}?next={reverse('admin:index')}")
    page.get_by_label("Username:").fill("editor")
    page.get_by_label("Password:").fill("a long password")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"**{reverse('admin:index')}")
    yield page
    assert page.refused == []


def go(page, live_server, name, *args):
    page.goto(f"{live_server.url}{reverse(name, args=args)}")


def faults(page, *parts):
    """The rules that axe finds broken in these parts of the page, else in its middle, in both schemes."""
    refused, broken = len(page.refused), set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # Django's buttons fade from one colour to the other.
        page.evaluate(FADED)
        found = Axe().run(page, context={"include": [[part] for part in parts or MIDDLE]}).response
        broken |= {fault["id"] for fault in found["violations"]}
    # axe tries a style of its own.
    del page.refused[refused:]
    return broken


def choose(page, text):
    page.get_by_label("File to import:").set_input_files(
        {"name": "table.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_label("Reason:").fill("From the register.")
    page.get_by_role("button", name="Show what would change").click()


def test_table_brought_in_and_taken_out(chief, live_server):
    page = chief
    go(page, live_server, "admin:ecosystem_company_changelist")
    page.get_by_role("link", name="Import").click()
    assert faults(page) == set()
    choose(page, "slug,name,founded\na,A,2016\nb,B,soon\n")
    expect(page.get_by_text("Nothing was written: 1 of 2 rows have errors.")).to_be_visible()
    expect(page.get_by_role("row", name="3 founded Write a year, a month or a day")).to_be_visible()
    assert faults(page) == set()
    choose(page, "slug,name,founded\na,A,2016\nb,B,2016-07\n")
    expect(page.get_by_text("2 new, 0 changed, 0 as before.")).to_be_visible()
    assert faults(page) == set()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Imported: 2 new, 0 changed, 0 as before.")).to_be_visible()
    assert Company.objects.filter(state="draft").count() == 2
    page.get_by_role("link", name="Export").click()
    assert faults(page) == set()
    page.get_by_label("Format:").select_option("csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == ["slug", "a", "b"]


def test_rules_and_form_pass_axe(chief, live_server):
    page = chief
    go(page, live_server, "editors-help")
    expect(page.get_by_role("heading", name="Roles")).to_be_visible()
    assert faults(page) == set()
    company = build(Company, many={"sources": [build_source()]})
    build_statement(company, label="Founded")
    go(page, live_server, "admin:ecosystem_company_change", company.pk)
    page.get_by_role("link", name="Change Founded").click()
    expect(page.locator("#statements-0").get_by_label("Label:")).to_be_focused()
    # Select2, which Django brings along, makes no proper list and no name for it.
    assert faults(page, "#statements-group", ".markdown-box") <= {"list", "aria-input-field-name"}


def test_text_previewed_in_place(chief, live_server):
    page = chief
    go(page, live_server, "admin:ecosystem_company_add")
    page.get_by_label("Body:").fill("**Strong** <script>alert(1)</script>")
    page.get_by_role("button", name="Preview").first.click()
    shown = page.locator(".markdown-preview")
    expect(shown.locator("strong")).to_have_text("Strong")
    expect(shown).to_contain_text("<script>alert(1)</script>")
    expect(page.get_by_label("Body:")).to_have_value("**Strong** <script>alert(1)</script>")


def test_text_previewed_in_another_tab_without_script(chief, browser, live_server):
    plain = browser.new_context(java_script_enabled=False, storage_state=chief.context.storage_state())
    page = plain.new_page()
    go(page, live_server, "admin:ecosystem_company_add")
    page.get_by_label("Body:").fill("**Strong**")
    with plain.expect_page() as opened:
        page.get_by_role("button", name="Preview").first.click()
    expect(opened.value.locator(".markdown-preview strong")).to_have_text("Strong")
    plain.close()
