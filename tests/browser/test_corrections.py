"""A reader reports a problem, an editor answers: on a phone, in the dark, without script."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from ecosystem.models import Company, Correction
from ecosystem.roles import REVIEWER
from tests.browser.accessible import violations
from tests.builders import build, build_correction, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(transactional_db):
    company = build(Company, "unitree", name="Unitree", many={"sources": [build_source()]})
    build_statement(company, label="Founded", reference="s-founded")
    build_correction(company, reason="It was so, and has been changed.")
    return company


def check(page, context="body"):
    """No fault that axe finds, and nothing to scroll sideways for."""
    found = [(page.url, rule["id"], rule["nodes"][0]) for rule in violations(page, context)]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (768, "light"), (1280, "dark")])
def test_report_from_the_page_to_its_own(browser, live_server, company, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{live_server}/companies/unitree/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="Report a problem with: Founded").click()
    check(page)
    page.get_by_label("What is right?").fill("2015")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what is wrong")
    check(page)
    page.get_by_role("link", name="Say what is wrong").click()
    expect(page.get_by_label("What is wrong?")).to_be_focused()
    page.keyboard.type("It was a year earlier.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    check(page)
    page.get_by_role("link", name="the page of your report").click()
    expect(page.get_by_text("Received, not decided yet")).to_be_visible()
    check(page)
    for path in ("/corrections/", "/coverage/"):
        page.goto(f"{live_server}{path}")
        check(page)
    context.close()
    sent = Correction.objects.get(state="open")
    assert (sent.wrong, sent.right) == ("It was a year earlier.", "2015")


def test_report_without_script(browser, live_server, company):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/corrections/new/?record=company/unitree")
    expect(page.get_by_label("Leave this empty")).to_be_hidden()
    page.get_by_label("What is wrong?").fill("All of it.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert [cookie["expires"] for cookie in context.cookies()] == [-1]
    context.close()
    assert Correction.objects.get(state="open").wrong == "All of it."


@pytest.mark.parametrize("width", [360, 1280])
def test_desk_leads_to_the_report_and_the_decision_to_the_log(page, live_server, client, company, width):
    report = build_correction(
        company, "open", statement=company.statements.get(), wrong="It was 2015.", contact="me"
    )
    client.force_login(build_user(REVIEWER))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server}{reverse('admin:index')}")
    check(page, ".desk")
    page.get_by_role("link", name="1 correction").click()
    page.get_by_role("link", name=report.reference).click()
    expect(page.get_by_text("It was 2015.")).to_be_visible()
    check(page, "fieldset")
    page.get_by_label("Accepted", exact=True).check()
    page.get_by_label("Reason").fill("The register says so.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(f"{live_server}/corrections/")
    expect(page.get_by_text("Accepted: The register says so.")).to_be_visible()
