"""How editors come in, and how those who are none stay out."""

import secrets
import time

import pytest
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from hubportal.accounts import AccountAdapter, SecondFactorAdapter
from hubportal.settings import IN_REDIS
from tests.pages import links, parse, words

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # noqa: S105
LOGIN = "/accounts/login/"
LOCKED = AccountAdapter.error_messages["too_many_login_attempts"]


@pytest.fixture(autouse=True)
def no_failures_so_far(settings):
    cache.clear()
    # A hash that is made to be slow is another's test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def editor():
    return get_user_model().objects.create_user("editor", password=PASSWORD, is_staff=True)


@pytest.fixture
def secret(editor):
    """The key of the editor's one-time codes."""
    secret = generate_totp_secret()
    TOTP.activate(editor, secret)
    return secret


def code(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def log_in(client, password=PASSWORD, name="editor", **more):
    return client.post(LOGIN, {"login": name, "password": password, "next": "/admin/"}, **more)


def is_in(client):
    return "_auth_user_id" in client.session


def complaint(response):
    return words(parse(response).find(".//ul[@class='errorlist nonfield']"))


def test_admin_leads_to_the_one_login_and_back(client, editor):
    page = client.get("/admin/ecosystem/company/", follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2Fecosystem%2Fcompany%2F"
    assert parse(page).find(".//input[@name='next']").get("value") == "/admin/ecosystem/company/"
    assert log_in(client)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_login_leads_to_no_other_site(client, editor):
    response = client.post(LOGIN, {"login": "editor", "password": PASSWORD, "next": "https://evil.example/"})
    assert response["Location"] == "/admin/"


def test_login_makes_a_new_session_key_and_logout_ends_it(client, editor):
    client.get("/admin/")
    session = client.session
    session["something"] = 1
    session.save()
    before = client.cookies["session"] = session.session_key
    log_in(client)
    inside = client.cookies["session"].value
    assert inside != before
    client.post("/admin/logout/")
    client.cookies["session"] = inside
    assert client.get("/admin/").status_code == 302


def test_wrong_password_and_unknown_name_read_alike(client, editor):
    wrong, unknown = log_in(client, "wrong"), log_in(client, "wrong", "nobody")
    assert complaint(wrong) == complaint(unknown) == "No account has this name and this password."
    assert PASSWORD not in wrong.content.decode()


def test_repeated_failures_lock_out_the_right_password_too(client, editor):
    for _ in range(5):
        assert complaint(log_in(client, "wrong")) != LOCKED
    assert complaint(log_in(client)) == LOCKED
    assert not is_in(client)


@pytest.mark.parametrize(
    "disguise", [{"headers": {"host": "testserver:{n}"}}, {"REMOTE_ADDR": "192.0.2.{n}"}]
)
def test_lock_out_holds_for_an_account_however_it_is_asked_for(editor, disguise):
    """Neither another port in Host, nor another address, nor another spelling starts a new count."""
    for n in range(1, 7):
        more = {
            key: {"host": value["host"].format(n=n)} if key == "headers" else value.format(n=n)
            for key, value in disguise.items()
        }
        response = log_in(Client(), "wrong", "editor" if n % 2 else "Editor", **more)
    assert complaint(response) == LOCKED


def test_lock_out_holds_for_an_address_that_tries_many_names(client, editor):
    for n in range(10):
        log_in(client, "wrong", f"name-{n}")
    assert complaint(log_in(client)) == LOCKED
    assert log_in(Client(), REMOTE_ADDR="192.0.2.1").status_code == 302


def test_lock_out_holds_where_redis_counts(client, settings, redis_server):
    settings.CACHES = {
        "default": {**IN_REDIS, "LOCATION": redis_server[1], "KEY_PREFIX": secrets.token_hex(8)}
    }
    get_user_model().objects.create_user("editor", password=PASSWORD, is_staff=True)
    for _ in range(5):
        assert complaint(log_in(client, "wrong")) != LOCKED
    assert complaint(log_in(client)) == LOCKED


def test_lock_out_holds_while_many_others_fail(client, editor):
    for _ in range(5):
        log_in(client, "wrong")
    for n in range(400):
        cache.set(f"of-somebody-else-{n}", [1.0], 300)
    assert complaint(log_in(client)) == LOCKED


def test_lock_out_ends(client, editor, monkeypatch):
    for _ in range(6):
        log_in(client, "wrong")
    later = time.time() + 301
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: later)
    log_in(client)
    assert is_in(client)


def test_one_time_code_is_asked_for_after_the_password(client, editor, secret):
    assert log_in(client)["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302
    page = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    assert AccountAdapter.error_messages["incorrect_code"] in words(parse(page))
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert is_in(client)


def test_one_time_code_counts_once(client, editor, secret):
    used = code(secret)
    log_in(client)
    client.post(reverse("mfa_authenticate"), {"code": used})
    again = Client()
    log_in(again)
    again.post(reverse("mfa_authenticate"), {"code": used})
    assert (is_in(client), is_in(again)) == (True, False)


def test_one_time_codes_cannot_be_guessed_for_long(client, editor, secret):
    log_in(client)
    for n in range(5):
        client.post(reverse("mfa_authenticate"), {"code": f"00000{n}"})
    page = client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert not is_in(client)
    assert LOCKED in words(parse(page))


def test_recovery_code_lets_in_once(editor, secret):
    [recovery, *_] = RecoveryCodes.activate(editor).get_unused_codes()
    entries = []
    for client in (Client(), Client()):
        log_in(client)
        client.post(reverse("mfa_authenticate"), {"code": recovery})
        entries.append(is_in(client))
    assert entries == [True, False]


def test_setting_up_codes_asks_for_the_password_and_gives_recovery_codes(client, editor):
    log_in(client)
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    page = client.post(
        asked["Location"], {"password": PASSWORD, "next": reverse("mfa_activate_totp")}, follow=True
    )
    [key] = [element.text for element in parse(page).iter("code")]
    done = client.post(reverse("mfa_activate_totp"), {"code": code(key)}, follow=True)
    codes = [element.text for element in parse(done).iter("code")]
    assert len(set(codes)) == 10
    assert Authenticator.objects.filter(user=editor, type=Authenticator.Type.TOTP).exists()


def test_signing_up_is_closed(client):
    page = client.get(reverse("account_signup"))
    assert "Nobody signs up here" in words(parse(page))
    client.post(reverse("account_signup"), {"username": "new", "password1": PASSWORD, "password2": PASSWORD})
    assert not get_user_model().objects.exists()


def test_closed_account_stays_out(client, editor):
    get_user_model().objects.update(is_active=False)
    page = client.post(LOGIN, {"login": "editor", "password": PASSWORD}, follow=True)
    assert "This account is closed" in words(parse(page))
    assert not is_in(client)


def test_reader_with_an_account_is_no_editor(client):
    client.force_login(get_user_model().objects.create_user("reader"))
    for path in ("/admin/login/", "/admin/"):
        response = client.get(path, follow=True)
        assert response.status_code == 403


def change_password(client, editor, password):
    client.force_login(editor)
    passwords = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    client.post("/admin/password_change/", passwords)
    editor.refresh_from_db()


@pytest.mark.parametrize("password", ["short1!", "password1234", "123456789012"])
def test_weak_password_is_refused(client, editor, password):
    change_password(client, editor, password)
    assert editor.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["correct horse batter", "长" * 64, "x y" * 40])
def test_long_password_is_taken(client, editor, password):
    change_password(client, editor, password)
    assert editor.check_password(password)


HOSTILE = ["", "null", "[]", "{}", '"text"', "{", '{"response": null}', '{"response": {"userHandle": "x"}}']
HOSTILE += [
    '{"id": 1, "rawId": "AA", "response": {"userHandle": "Ng", "clientDataJSON": "AA"}, "type": "x"}',
    "7",
]


@pytest.mark.parametrize("credential", HOSTILE)
def test_hostile_key_is_refused_in_words(client, editor, credential):
    client.raise_request_exception = False
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    page = client.post("/accounts/2fa/webauthn/login/", {"credential": credential}, follow=True)
    assert page.status_code == 200
    assert not is_in(client)


def test_passkeys_belong_to_the_sites_own_host_over_tls(rf, settings):
    with request_context(rf.get("/", headers={"host": "localhost:8443"})):
        assert SecondFactorAdapter().get_public_key_credential_rp_entity()["id"] == "localhost"
        settings.IS_SECURE, settings.SITE_URL = True, "https://hub.example.org:8443"
        party = {"id": "hub.example.org", "name": "Hangzhou, with sources"}
        assert SecondFactorAdapter().get_public_key_credential_rp_entity() == party


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"]
)
def test_pages_of_an_account_are_its_owners(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(LOGIN)


def test_administrator_removes_a_factor_and_reads_none(client, editor, secret, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("chief"))
    page = client.get("/admin/mfa/authenticator/")
    factor = Authenticator.objects.get()
    assert f"/admin/mfa/authenticator/{factor.pk}/change/" in links(parse(page))
    detail = client.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    assert secret not in detail
    client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()
