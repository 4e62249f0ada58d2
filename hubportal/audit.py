"""Who came in, who was refused, who changed how they come in: a line of the log each, without secrets."""

import logging

from allauth.account.adapter import get_adapter
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver

logger = logging.getLogger(__name__)
# Of a name that somebody typed no more than this is kept: it may be a password in the wrong field.
LONGEST_NAME = 40


def address(request):
    """Where a request came from, as far as that can be known, or None."""
    try:
        return request and get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


def typed(credentials):
    """The name that was typed, cut short."""
    return credentials.get("username", "")[:LONGEST_NAME]


def note(level, event, request, user=None, **more):
    """Log an event of an account; `more` are plain values."""
    details = {"event": event, "user": user and user.pk, "address": address(request), **more}
    details = {name: value for name, value in details.items() if value is not None}
    # As words for people, whole for a formatter that writes fields.
    logger.log(
        level, " ".join(f"{name}={value!r}" for name, value in details.items()), extra={"details": details}
    )


@receiver(user_logged_in)
def logged_in(sender, request, user, **kwargs):
    note(logging.INFO, "login", request, user)


@receiver(user_logged_out)
def logged_out(sender, request, user, **kwargs):
    if user:
        note(logging.INFO, "logout", request, user)


@receiver(user_login_failed)
def login_failed(sender, credentials, request=None, **kwargs):
    note(logging.WARNING, "login-failed", request, account=typed(credentials))


@receiver(authenticator_added)
@receiver(authenticator_removed)
@receiver(authenticator_reset)
def factor_changed(sender, request, user, authenticator, signal, **kwargs):
    events = {authenticator_added: "added", authenticator_removed: "removed", authenticator_reset: "reset"}
    note(logging.INFO, f"second-factor-{events[signal]}", request, user, kind=authenticator.type)
