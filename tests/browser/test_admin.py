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
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    row = page.locator("#statements-1")
    expect(row.locator("h3")).to_contain_text("Listing: Plans to list in Shanghai.")
    expect(row.get_by_label("Text:")).to_be_hidden()
    row.get_by_text("Change").click()
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


def test_slug_written_from_name(page, live_server, editor):
    log_in(page, live_server, reverse("admin:ecosystem_company_add"))
    page.get_by_label("Name:", exact=True).press_sequentially("Deep Robotics")
    expect(page.get_by_label("Slug:")).to_have_value("deep-robotics")
