"""Absolute addresses and query strings. The host is a setting: a request's Host header proves nothing."""

import re
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

# Signs that neither XML nor HTML may hold: a feed with one of them is no feed. Each plane ends with two.
NO_CHARACTERS = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
UNPRINTABLE = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{NO_CHARACTERS}]")

# Tag URIs (RFC 4151) name a date on which the host's name was ours.
TAG_DATE = "2026"


def absolute(path):
    return f"{settings.SITE_URL}{path}"


def alternate(path, media_type):
    """A Link header's part (RFC 8288): the same in another form."""
    return f'<{absolute(path)}>; rel="alternate"; type="{media_type}"'


def tag_uri(path):
    """A permanent id for feeds: it stays the same whatever happens to the page's address scheme."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{TAG_DATE}:{quote(path)}"


def printable(text):
    """Put U+FFFD for what may stand in no page or feed, as Django does for broken UTF-8 in a query."""
    return UNPRINTABLE.sub("\ufffd", text)


def with_query(path, pairs):
    """A path with (name, value) pairs behind it, sorted: one view has one address."""
    query = urlencode(sorted(pairs))
    return f"{path}?{query}" if query else path


def reads(*names):
    """Name the parameters of a page. A request with any other is answered, but its answer is not kept."""

    def decorate(view):
        view.parameters = names
        return view

    return decorate
