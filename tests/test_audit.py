"""What the log tells of accounts, and what it does not."""

import logging

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.urls import reverse

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture
def events(caplog, settings):
    """What was told so far, by name of the event."""
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    caplog.set_level(logging.INFO, "hubportal.audit")
    return lambda: [record.details for record in caplog.records if record.name == "hubportal.audit"]


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_user("editor", password=PASSWORD, is_staff=True)


def log_in(client, password, name="editor"):
    client.post("/accounts/login/", {"login": name, "password": password}, REMOTE_ADDR="192.0.2.1")


def test_login_and_logout_are_told_with_key_and_address(client, events, editor):
    log_in(client, PASSWORD)
    client.post("/admin/logout/")
    assert events() == [
        {"event": "login", "user": editor.pk, "address": "192.0.2.1"},
        {"event": "logout", "user": editor.pk, "address": "127.0.0.1"},
    ]


def test_failures_and_the_lock_are_told_without_the_password(client, events, editor, caplog):
    for _ in range(6):
        log_in(client, "a wrong password")
    failed = {"event": "login-failed", "address": "192.0.2.1", "account": "editor"}
    assert events() == [failed] * 5 + [{**failed, "event": "login-locked"}]
    assert "a wrong password" not in caplog.text


def test_typed_name_is_cut_and_begins_no_line(client, events, caplog):
    log_in(client, "x", "nobody\nevent='login' user=1" + "a" * 100)
    assert len(events()[0]["account"]) == 40
    messages = [record.getMessage() for record in caplog.records if record.name == "hubportal.audit"]
    assert [len(message.splitlines()) for message in messages] == [1]


def test_removed_factor_is_told(client, events, editor):
    TOTP.activate(editor, generate_totp_secret())
    client.force_login(editor)
    address = reverse("mfa_deactivate_totp")
    page = client.get(address)
    client.post(page["Location"], {"password": PASSWORD})
    client.post(address)
    assert "second-factor-removed" in [event["event"] for event in events()]


def test_refused_right_is_told(client, editor, events):
    client.force_login(editor)
    client.get(reverse("admin:ecosystem_company_add"))
    assert {**events()[-1], "address": None} == {
        "event": "right-refused",
        "user": editor.pk,
        "address": None,
        "path": "/admin/ecosystem/company/add/",
    }
