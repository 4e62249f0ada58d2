"""Absolute addresses and query strings. The host is a setting: a request's Host header proves nothing."""

from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

# Tag URIs (RFC 4151) name a date on which the host's name was ours.
TAG_DATE = "2026"


def absolute(path):
    return f"{settings.SITE_URL}{path}"


def tag_uri(path):
    """A permanent id for feeds: it stays the same whatever happens to the page's address scheme."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{TAG_DATE}:{quote(path)}"


def with_query(path, pairs):
    """A path with (name, value) pairs behind it, sorted: one view has one address."""
    query = urlencode(sorted(pairs))
    return f"{path}?{query}" if query else path
