"""A form of the admin that cannot be saved: what was typed goes back to its sender, to be sent again."""

import re

from django.conf import settings
from django.contrib import admin
from django.shortcuts import render
from django.urls import reverse

ENDED = "You were logged out while you typed. Log in in another tab, come back here, and press “Send again”."
STALE = "You logged in or out since this form was opened. Nothing is saved yet: press “Send again”."
# What a form carries for itself, not for whoever reads it.
TECHNICAL = re.compile(
    r"_|csrfmiddlewaretoken$|initial-|.*-(__prefix__-.*|id|(TOTAL|INITIAL|(MIN|MAX)_NUM)_FORMS)$"
)
ROW = re.compile(r"statements-(\d+)-(\w+)$")


def may_be_sent_again(request):
    """Whether a page of this site sent the form, as browsers tell, and it holds no password."""
    is_our_own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    return is_our_own and not any("password" in name for name in request.POST)


def keep_typed(get_response):
    """Middleware: who was logged out meanwhile, for being idle say, loses no form of the admin by it."""

    def middleware(request):
        is_form = request.method == "POST" and request.path_info.startswith(reverse("admin:index"))
        if is_form and not request.user.is_authenticated and may_be_sent_again(request):
            return unsent(request, 403, ENDED, is_to_be_sent=True)
        return get_response(request)

    return middleware


def unsent(request, status, sentence, is_to_be_sent=False, **context):
    """What was typed, as a page; with a button that sends it again if that may help."""
    files = [(name, file.name) for name, file in request.FILES.items()]
    context |= {
        **admin.site.each_context(request),
        "title": "Not saved",
        "sentence": sentence,
        "typed": list(typed(request.POST)),
        "login": reverse(settings.LOGIN_URL),
        "is_nav_sidebar_enabled": request.user.is_authenticated,
    }
    if is_to_be_sent:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        context |= {"sent": [pair for pair in sent if pair[0] != "csrfmiddlewaretoken"], "files": files}
    return render(request, "admin/ecosystem/unsent.html", context, status=status)


def typed(data):
    """(what it is, what was typed) of each field of a form that somebody may have filled in."""
    for name, values in data.lists():
        row = ROW.match(name)
        words = f"Statement {int(row[1]) + 1}, {row[2]}" if row else name
        text = ", ".join(filter(None, values))
        if text and not TECHNICAL.match(name):
            yield words.replace("_", " "), text
