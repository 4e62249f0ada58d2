"""Asking a WSGI application as a server does."""

from dataclasses import dataclass
from wsgiref.headers import Headers

from django.test import RequestFactory


@dataclass
class Reply:
    status: int
    headers: Headers
    body: bytes

    def __getitem__(self, name):
        return self.headers[name]


def ask(application, path, method="GET", **headers):
    """The answer to a request; header names with underscores, as in `accept_encoding="br"`."""
    environ = RequestFactory().generic(method, path, headers=headers).environ
    started = []
    parts = application(environ, lambda status, headers, exc_info=None: started.extend((status, headers)))
    try:
        body = b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
    return Reply(int(started[0][:3]), Headers(started[1]), body)
