"""Networks, second factor and session limits before the admin."""

import time
from datetime import timedelta
from ipaddress import ip_network

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from hubportal import gate
from tests.pages import parse, words
from tests.test_accounts import PASSWORD, code

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = get_user_model().objects.create_user("editor", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def cleared():
    cache.clear()


@pytest.fixture
def office(settings):
    settings.ADMIN_NETWORKS = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/none/", "/admin/jsi18n/", "/accounts/login/"]
)
def test_private_answers_are_not_kept(client, editor, path):
    assert client.get(path)["Cache-Control"] == "no-store, private"


def test_public_pages_ask_for_no_session(client, editor):
    response = client.get("/about/")
    assert "no-store" not in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("path", ["/admin/", "/accounts/login/", "/accounts/2fa/webauthn/login/"])
@pytest.mark.parametrize(
    ("address", "opens"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("2001:db8::1", True), ("192.0.2.1", False), ("", False)],
)
def test_private_part_opens_from_the_named_networks_only(client, office, path, address, opens):
    response = client.get(path, REMOTE_ADDR=address)
    assert (response.status_code != 403) == opens
    assert client.get("/about/", REMOTE_ADDR=address).status_code == 200


def test_refusal_of_a_network_says_why(client, office):
    page = client.get("/admin/", REMOTE_ADDR="192.0.2.1")
    assert "opens from the networks of those who run it only" in words(parse(page))
    assert page["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    ("proxies", "header", "opens"),
    [
        (0, "10.1.2.3", False),
        (1, "10.1.2.3", True),
        (1, "10.1.2.3, 192.0.2.1", False),
        (1, "192.0.2.1, 10.1.2.3", True),
        (1, "no address", False),
    ],
)
def test_forwarded_address_counts_only_from_our_own_proxy(client, office, settings, proxies, header, opens):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    response = client.get("/admin/", REMOTE_ADDR="192.0.2.9", headers={"x-forwarded-for": header})
    assert (response.status_code != 403) == opens


def test_second_factor_is_asked_for_where_the_policy_says_so(client, editor, settings):
    assert client.get("/admin/").status_code == 200
    settings.MFA_REQUIRED = True
    for path in ("/admin/", reverse("admin:ecosystem_company_changelist"), "/admin/password_change/"):
        assert client.get(path)["Location"] == reverse("mfa_index")
    page = client.get(reverse("mfa_index"))
    assert "Before the editing pages open, set up a passkey" in words(parse(page))


def test_second_factor_given_at_the_login_opens_the_admin(settings, cleared, client):
    settings.MFA_REQUIRED = True
    user = get_user_model().objects.create_user("other", password=PASSWORD, is_staff=True)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    client.post("/accounts/login/", {"login": "other", "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert client.get("/admin/").status_code == 200


def test_second_factor_set_up_in_a_session_opens_the_admin_to_it(client, editor, settings):
    settings.MFA_REQUIRED = True
    request = client.get(reverse("mfa_index")).wsgi_request
    TOTP.activate(editor, generate_totp_secret())
    authenticator_added.send(None, request=request, user=editor, authenticator=Authenticator.objects.get())
    request.session.save()
    assert client.get("/admin/").status_code == 200


def test_session_that_gave_a_password_only_ends_once_there_is_a_second_factor(client, editor, settings):
    """Somebody else may have opened it, before the owner set one up."""
    settings.MFA_REQUIRED = True
    TOTP.activate(editor, generate_totp_secret())
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/accounts/login/")
    assert "Log in with it" in words(parse(page))
    assert "_auth_user_id" not in client.session


def test_editor_without_second_factor_can_still_leave(client, editor, settings):
    settings.MFA_REQUIRED = True
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session


def test_session_ends_so_long_after_its_login(client, editor, monkeypatch, settings):
    client.get("/admin/")
    now = time.time()
    # Used all the time, so that idleness is not what ends it.
    for hours in range(1, 13):
        monkeypatch.setattr(gate.time, "time", lambda hours=hours: now + hours * 3600 - 60)
        assert client.get("/admin/").status_code == 200
    monkeypatch.setattr(gate.time, "time", lambda: now + settings.SESSION_LIFETIME + 60)
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    assert "You were logged in for long" in words(parse(response))
    assert "_auth_user_id" not in client.session


def test_session_ends_two_hours_after_its_last_use(client, editor, monkeypatch):
    def minutes_left():
        return (Session.objects.get().expire_date - timezone.now()).total_seconds() / 60

    client.get("/admin/")
    assert 119 < minutes_left() <= 120
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    soon = time.time() + gate.STEP
    monkeypatch.setattr(gate.time, "time", lambda: soon)
    client.get("/admin/")
    assert minutes_left() > 119
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/admin/").status_code == 302


def test_session_is_not_written_at_every_click(client, editor, django_assert_num_queries):
    with django_assert_num_queries(2):  # the session and the user
        client.get("/admin/none/")


def test_session_cookie_goes_with_the_browser(client):
    get_user_model().objects.create_user("other", password="correct horse battery", is_staff=True)
    response = client.post("/accounts/login/", {"login": "other", "password": "correct horse battery"})
    cookie = response.cookies["session"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
