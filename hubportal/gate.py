"""What stands before the admin and the accounts: networks, the length of a session, a second factor."""

import logging
import time
from ipaddress import ip_address

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, user_logged_in
from django.dispatch import receiver
from django.shortcuts import redirect, render
from django.urls import reverse

from hubportal.audit import note
from hubportal.logs import current

ADMIN = "/admin/"
PRIVATE = (ADMIN, "/accounts/")
# Not every click writes to the database: for so many seconds after one that did, a session counts as in use.
STEP = 60
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def gate(get_response):
    """Middleware, after those that say who asks. Nothing behind it is kept by a cache or a browser."""

    def middleware(request):
        if not request.path_info.startswith(PRIVATE):
            return get_response(request)
        response = outside(request)
        if response is None:
            end_long_session(request)
            if (seen := current.get()) is not None and request.user.is_authenticated:
                seen["user"] = request.user.pk
            response = without_second_factor(request) or get_response(request)
        if response.status_code == 403 and request.user.is_authenticated:
            note(logging.WARNING, "right-refused", request, request.user, path=request.path)
        response["Cache-Control"] = "no-store, private"
        return response

    return middleware


def outside(request):
    """Refuse whoever does not ask from one of the networks that the operator named, if he named any."""
    if not settings.ADMIN_NETWORKS:
        return None
    address = ip_address(get_adapter().get_client_ip(request))
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address in network for network in settings.ADMIN_NETWORKS):
        return None
    note(logging.WARNING, "network-refused", request)
    context = {"sentence": "This part of the site opens from the networks of those who run it only."}
    return render(request, "403.html", context, status=403)


@receiver(user_logged_in)
def open_session(sender, request, user, **kwargs):
    request.session["opened_at"] = request.session["seen_at"] = int(time.time())


def end_long_session(request):
    """Log out who has been in for too long, however busy; else note the use: idleness counts from it."""
    if not request.user.is_authenticated:
        return
    now, session = int(time.time()), request.session
    if now - session.get("opened_at", 0) > settings.SESSION_LIFETIME:
        logout(request)
        messages.info(request, "You were logged in for long, so please log in again.")
    elif now - session.get("seen_at", 0) >= STEP:
        session["seen_at"] = now


@receiver(authenticator_added)
def remember_factor(sender, request, user, **kwargs):
    """Whoever sets up a factor has it in hand."""
    request.session["has_factor"] = True


def without_second_factor(request):
    """Where the policy asks for one, the admin opens only to sessions that gave a second factor.

    That the account has one is not enough: who learnt the password could have come in before it was set up.
    """
    if not (settings.MFA_REQUIRED and request.path_info.startswith(ADMIN) and request.user.is_staff):
        return None
    if request.path_info == reverse("admin:logout") or has_given_factor(request):
        return None
    if is_mfa_enabled(request.user, FACTORS):
        logout(request)
        messages.warning(request, "Your account has a second factor now. Log in with it.")
        return None
    messages.warning(request, "Before the editing pages open, set up a passkey or one-time codes here.")
    return redirect("mfa_index")


def has_given_factor(request):
    """As a code or a key at the login, or by setting one up since."""
    records = get_authentication_records(request, request.user)
    return request.session.get("has_factor", False) or any(record["method"] == "mfa" for record in records)
