"""What an editor does in the admin with the scripts on."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from ecosystem.models import Company, Statement
from ecosystem.roles import CHIEF_EDITOR
from tests.builders import build, build_source, build_statement, build_user


@pytest.fixture
def company(transactional_db):
    build_source("reuters", publisher="Reuters", title="Unitree plans a listing")
    company = build(Company, "unitree", name="Unitree", many={"sources": [build_source()]})
    build_statement(company, label="Employees", text="About 500.")
    return company


@pytest.fixture
def editor(transactional_db):
    return build_user(CHIEF_EDITOR, "editor", password="a long password")


def log_in(page, live_server, target):
    page.goto(f"{live_server.url}{target}")
    page.get_by_label("Username:").fill("editor")
    page.get_by_label("Password:").fill("a long password")
    page.get_by_role("button", name="Log in", exact=True).click()
    # The form is there before its scripts are.
    page.wait_for_url(f"**{target}")


def test_statement_added_with_source_by_autocomplete(page, live_server, editor, company):
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
    log_in(page, live_server, reverse("admin:ecosystem_company_change", args=[company.pk]))
    row = page.locator("#statements-1")
    row.get_by_label("Label:").fill("Listing")
    row.get_by_label("Text:").fill("Plans to list in Shanghai.")
    row.locator(".select2-search__field").press_sequentially("listing")
    page.get_by_role("option", name="Reuters: Unitree plans a listing").click()
    expect(row.locator(".allowed")).to_contain_text("“Reported”")
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    row = page.locator("#statements-1")
    expect(row.locator("h3")).to_contain_text("Listing: Plans to list in Shanghai.")
    expect(row.get_by_label("Text:")).to_have_count(0)
    row.get_by_role("link", name="Change Listing").click()
    expect(row.get_by_label("Label:")).to_be_focused()
    expect(row.get_by_label("Text:")).to_have_value("Plans to list in Shanghai.")
    expect(row.locator(".select2-selection__choice")).to_contain_text("Reuters: Unitree plans a listing")
    assert Statement.objects.get(label="Listing").sources.get().key == "reuters"
    assert refused == []


def test_another_row_has_working_autocomplete(page, live_server, editor, company):
    log_in(page, live_server, reverse("admin:ecosystem_company_change", args=[company.pk]))
    page.get_by_role("button", name="Add another Statement").click()
    row = page.locator("#statements-2")
    row.locator(".select2-search__field").press_sequentially("listing")
    page.get_by_role("option", name="Reuters: Unitree plans a listing").click()
    expect(row.locator(".select2-selection__choice")).to_contain_text("Reuters")
    expect(row.locator(".allowed")).to_contain_text("“Reported”")


def test_rows_typed_without_the_mouse(page, live_server, editor, company):
    """Address pasted, Enter: a known source is taken; Ctrl and Enter: the cursor stands in the next row."""
    source = build_source("own", url="https://unitree.example/about", origin="Unitree", title="About")
    log_in(page, live_server, reverse("admin:ecosystem_company_change", args=[company.pk]))
    row = page.locator("#statements-1")
    row.get_by_label("Label:").fill("Founded")
    row.get_by_label("Text:").fill("In 2016.")
    row.locator(".select2-search__field").fill("http://www.unitree.example/about/?utm_source=x")
    page.keyboard.press("Enter")
    expect(row.locator(".select2-selection__choice")).to_contain_text("About")
    expect(row.locator(".allowed")).to_contain_text("“Self-reported”")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#statements-2").get_by_label("Label:")).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    said = Statement.objects.get(label="Founded")
    assert (said.status, list(said.sources.all())) == ("self-reported", [source])


def test_source_added_from_pasted_address(page, live_server, editor, company):
    log_in(page, live_server, reverse("admin:ecosystem_company_change", args=[company.pk]))
    row = page.locator("#statements-1")
    row.locator(".select2-search__field").fill("https://news.example/new")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    window = opened.value
    expect(window.get_by_label("Address:")).to_have_value("https://news.example/new")
    window.get_by_label("Title:").fill("A new page")
    window.get_by_label("Publisher:", exact=True).press_sequentially("News")
    window.get_by_label("Language:").fill("en")
    window.get_by_label("Kind:").select_option("news")
    window.get_by_role("button", name="Save").first.click()
    expect(row.locator(".select2-selection__choice")).to_contain_text("News: A new page")
    expect(row.locator(".allowed")).to_contain_text("“Reported”")


def test_known_source_taken_from_pop_up(page, live_server, editor, company):
    """Typed, not entered: the “+” takes the address along, and the pop-up shows what is there."""
    build_source("known", url="https://news.example/known", title="A known page")
    log_in(page, live_server, reverse("admin:ecosystem_company_change", args=[company.pk]))
    row = page.locator("#statements-1")
    row.locator(".select2-search__field").fill("https://news.example/known#part")
    with page.expect_popup() as opened:
        row.locator(".field-sources .add-related").click()
    opened.value.get_by_role("link", name="Use this source").click()
    expect(row.locator(".select2-selection__choice")).to_contain_text("A known page")
    expect(row.locator(".allowed")).to_contain_text("“Reported”")


def test_slug_written_from_name_and_saved_by_enter(page, live_server, editor):
    log_in(page, live_server, reverse("admin:ecosystem_company_add"))
    expect(page.get_by_label("Name:", exact=True)).to_be_focused()
    page.keyboard.type("Deep Robotics")
    expect(page.get_by_label("Slug:")).to_have_value("deep-robotics")
    page.keyboard.press("Enter")
    expect(page.get_by_text("was added successfully")).to_be_visible()
