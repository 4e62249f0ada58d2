"""What a public site owes its readers beside its content: accessibility, privacy, whom to tell of a hole."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem.addresses import absolute
from ecosystem.models import Correction

# Months for which security.txt holds from the month of the request: RFC 9116 recommends less than a year.
MONTHS = 6


@require_safe
def accessibility(request):
    return render(request, "ecosystem/accessibility.html", {"contact": settings.SITE_CONTACT})


@require_safe
def privacy(request):
    context = {"contact": settings.SITE_CONTACT, "contact_days": Correction.CONTACT_DAYS}
    return render(request, "ecosystem/privacy.html", context)


@require_safe
def security_txt(request):
    """RFC 9116. Without a contact there is no such file: the standard asks for one."""
    if not settings.SITE_CONTACT:
        raise Http404
    lines = [
        f"Contact: {as_uri(settings.SITE_CONTACT)}",
        f"Expires: {first_of_month(datetime.now(UTC), MONTHS):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {absolute(reverse('security-txt'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def as_uri(contact):
    """An e-mail address or the address of a page as a URI."""
    return f"mailto:{contact}" if "@" in contact and ":" not in contact else contact


def first_of_month(moment, later):
    """The first instant of the month so many months later: the same all month long, so that caches agree."""
    years, month = divmod(moment.month - 1 + later, 12)
    return datetime(moment.year + years, month + 1, 1, tzinfo=UTC)
