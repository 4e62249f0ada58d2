"""Logging in with a passkey, in a browser with a key of software; and how the pages of it look."""

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.core.cache import cache
from playwright.sync_api import expect

PASSWORD = "correct horse battery"  # noqa: S105
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def editor(transactional_db):
    cache.clear()
    return get_user_model().objects.create_superuser("editor", password=PASSWORD)


@pytest.fixture
def site(live_server):
    # Browsers know keys on localhost without TLS, and on no address made of numbers.
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def key(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


@pytest.fixture
def refused(page):
    """What the policy kept from loading or running."""
    found = []
    page.on("console", lambda message: found.append(message.text) if "Policy" in message.text else None)
    return found


def log_in(page, site):
    page.goto(f"{site}/admin/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"{site}/admin/")


def add_key(page, site):
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("A name for it").fill("My laptop")
    page.get_by_role("button", name="Add the key").click()
    page.wait_for_url("**/recovery-codes/")


def test_passkey_is_added_and_logs_in_without_password(page, site, editor, key, refused):
    log_in(page, site)
    add_key(page, site)
    assert page.get_by_role("listitem").locator("code").count() == 10
    assert sorted(Authenticator.objects.values_list("type", flat=True)) == ["recovery_codes", "webauthn"]
    page.context.clear_cookies()
    page.goto(f"{site}/admin/ecosystem/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(f"{site}/admin/ecosystem/")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.get_by_role("rowheader", name="My laptop (passkey)")).to_be_visible()
    assert refused == []


def test_key_is_asked_for_after_the_password(page, site, editor, key):
    log_in(page, site)
    add_key(page, site)
    page.context.clear_cookies()
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url(f"{site}/admin/")


def test_browser_without_the_key_says_so(page, site, editor, key):
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The browser gave no key")


PAGES = ("", "totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit(page, site, editor, key, scheme):
    def check():
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(page.url, rule["id"], rule["nodes"][0]) for rule in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site}/accounts/login/")
    check()
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_text("No account has this name")).to_be_visible()
    check()
    log_in(page, site)
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    check()
    add_key(page, site)
    for path in PAGES:
        page.goto(f"{site}/accounts/2fa/{path}")
        check()
