"""A WSGI layer around Django: public answers kept as finished bytes, and every answer compressed once.

An answer is kept if nobody in particular asked for it and nothing in it forbids that. It lasts until a commit
touches content, a schedule falls due, or `KEPT` seconds are over, so that what goes past the journal shows
within a minute too. While the site answers 503, what has run out is served on, marked as such.
"""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import parse_qsl
from wsgiref.headers import Headers

from django.conf import settings
from django.db import Error
from django.urls import resolve, reverse

from ecosystem.kept import moment
from hubportal import content_log
from hubportal.answers import Answer, send_personal, send_stream
from hubportal.patience import READING, SAVING, patience

# Seconds for which a page is good though nothing is known to have changed.
KEPT = 60
# Seconds after which a site that answered 503 is asked again for a page.
RETRY = 2
# Longer answers are streamed through and not kept.
LONGEST = 2**20
# Of one request, and so no part of what is kept.
MOMENTARY = ("Date", "X-Request-ID")


@dataclass
class Page:
    answer: Answer
    made: float
    until: float
    is_stale: bool = False

    def send(self, environ, start_response):
        if not self.is_stale:
            return self.answer.send(environ, start_response)
        age = ("Age", str(int(time.time() - self.made)))
        return self.answer.send(environ, start_response, [age, ("Warning", '110 - "Response is Stale"')])


class PageCache:
    """`room` is how many bytes of pages a process keeps; for `stale` seconds they may stand in for a 503."""

    def __init__(self, app, room, stale):
        self.app, self.room, self.stale = app, room, stale
        self.pages, self.size, self.version, self.moment = OrderedDict(), 0, None, None
        self.lock = threading.Lock()
        self.has_session = re.compile(rf"(?:^|;\s*){re.escape(settings.SESSION_COOKIE_NAME)}=").search
        self.admin, self.static = reverse("admin:index"), settings.STATIC_URL
        self.scheme = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")

    @classmethod
    def around(cls, app):
        """The layer as the settings want it; without room it only compresses."""
        return cls(app, settings.PAGE_CACHE_MB * 2**20, settings.STALE_SECONDS)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith(self.static):
            return self.app(environ, start_response)
        if not self.is_anybodys(environ):
            return self.ask_personally(environ, start_response)
        key = self.key_of(environ)
        page = self.find(key)
        return page.send(environ, start_response) if page else self.ask(key, environ, start_response)

    def is_anybodys(self, environ):
        """Whether a request comes from nobody in particular and only reads."""
        cookies = environ.get("HTTP_COOKIE")
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and not (cookies and self.has_session(cookies))
            and "HTTP_AUTHORIZATION" not in environ
            and not environ["PATH_INFO"].startswith(self.admin)
        )

    def key_of(self, environ):
        """What tells pages apart: TLS or not, host, path, and the query, whose names may come in any order.

        Plain http is answered with a redirect or other headers.
        """
        query, (name, secure) = environ.get("QUERY_STRING", ""), self.scheme
        if "&" in query:
            query = "&".join(sorted(query.split("&"), key=lambda pair: pair.partition("=")[0]))
        return environ.get(name) == secure, environ.get("HTTP_HOST"), environ["PATH_INFO"], query

    def find(self, key):
        """The page, if it is still true. All go at once when content has changed."""
        version = content_log.version()
        with self.lock:
            if version != self.version:
                self.pages, self.size, self.version = OrderedDict(), 0, version
            page = self.pages.get(key)
            if page is None or page.until < time.time():
                return None
            self.pages.move_to_end(key)
        return page

    def ask_personally(self, environ, start_response):
        patience.set(SAVING)
        status, headers, result = answer_of(self.app, environ)
        if is_stream(result):
            start_response(status, headers.items())
            return result
        return send_personal(status, headers, whole(result), environ, start_response)

    def ask(self, key, environ, start_response):
        """Let Django answer in full, whatever the reader has already, so that it can be kept for others."""
        patience.set(READING)
        began = self.now()
        inner = {**environ, "REQUEST_METHOD": "GET"}
        for condition in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
            inner.pop(condition, None)
        try:
            status, headers, result = answer_of(self.app, inner)
        except Error:
            if page := self.stand_in(key):
                return page.send(environ, start_response)
            raise
        if status.startswith("503") and (page := self.stand_in(key)):
            result.close()
            return page.send(environ, start_response)
        keep = began and may_be_kept(status, headers) and knows_parameters(inner)
        until = keep and min(began.until, time.time() + KEPT)
        if is_stream(result):
            parts = result
            if keep:
                parts = gathered(result, lambda body: self.keep(key, body, headers, began.version, until))
            return send_stream(status, headers, result, parts, environ, start_response)
        body = whole(result)
        if keep:
            return self.keep(key, body, headers, began.version, until).send(environ, start_response)
        return Answer(status, headers, body).send(environ, start_response)

    def now(self):
        """The Moment that lasts, or None while it cannot be told or nothing is to be kept."""
        if self.room and (self.moment is None or not self.moment.lasts):
            try:
                self.moment = moment()
            except Error:
                return None
        return self.moment and self.moment.version and self.moment

    def keep(self, key, body, headers, version, until):
        """Make a page, and room for it: those go that nobody asked for longest. Returns the page.

        It is not kept if content changed while it was made.
        """
        for name in MOMENTARY:
            del headers[name]
        page = Page(Answer("200 OK", headers, body), time.time(), until)
        with self.lock:
            if version == self.version and len(body) <= LONGEST:
                self.drop(key)
                self.pages[key] = page
                self.size += page.answer.size
                while self.size > self.room:
                    self.drop(next(iter(self.pages)))
        return page

    def drop(self, key):
        if page := self.pages.pop(key, None):
            self.size -= page.answer.size

    def stand_in(self, key):
        """A page that has run out, while nobody can say what is true now; None if it is too old, or none."""
        page = self.pages.get(key)
        if page is None or time.time() - page.made > self.stale:
            return None
        page.is_stale, page.until = True, time.time() + RETRY
        return page


def knows_parameters(environ):
    """Whether the view names each parameter of the query as one that it reads.

    What it does not name it may tell the reader of, and a robot can make up as many as it likes.
    """
    sent = {name for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
    if not sent:
        return True
    view = resolve(environ["PATH_INFO"]).func
    view = getattr(view, "view_class", view)
    filterset_class = getattr(view, "filterset_class", None)
    return sent <= set(filterset_class.base_filters if filterset_class else getattr(view, "parameters", ()))


def may_be_kept(status, headers):
    """Whether an answer is for everybody, and complete."""
    control, vary = headers["Cache-Control"] or "", headers["Vary"] or ""
    return (
        status.startswith("200")
        and "Set-Cookie" not in headers
        and not any(word in control for word in ("private", "no-store"))
        and vary.lower() in ("", "accept-encoding")
    )


def answer_of(app, environ):
    """(status, headers, iterable) of a WSGI application that does not `write`."""
    started = []
    result = app(environ, lambda status, headers, exc_info=None: started.extend((status, headers)))
    status, headers = started
    return status, Headers(headers), result


def is_stream(result):
    """A file that the server sends by itself is one, too."""
    return getattr(result, "streaming", True)


def whole(result):
    try:
        return b"".join(result)
    finally:
        result.close()


def gathered(parts, done):
    """Pass the parts on, and give `done` all of them once they are over, if they are not too many."""
    gathered, size = [], 0
    for part in parts:
        size += len(part)
        if size <= LONGEST:
            gathered.append(part)
        yield part
    if size <= LONGEST:
        done(b"".join(gathered))
