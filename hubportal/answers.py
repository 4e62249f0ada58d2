"""What goes out to a reader: whole answers, streams and 304, each in the form that the reader takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b

from django.utils.http import parse_etags, parse_http_date_safe
from django.utils.text import compress_string

from hubportal.compression import (
    GZIP,
    PLAIN,
    WORTH_IT,
    best_form,
    compressed,
    compressed_stream,
    expanded,
    is_text,
)

# What an answer takes in memory beyond its bytes, roughly.
OVERHEAD = 2**11


class Answer:
    """A public answer in all the forms that were asked for so far, each with an ETag of its own."""

    def __init__(self, status, headers, body):
        self.status, self.modified = status, headers["Last-Modified"]
        self.forms, self.headers = {}, headers
        # Any form is enough to make the others, and the text takes more than what most readers take.
        self.held = body, PLAIN
        self.tag = headers["ETag"]
        if not self.tag and status.startswith("200"):
            self.tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        self.is_text = len(body) >= WORTH_IT and is_text(headers)
        # Bytes in memory once all forms are made: gzip and brotli together are shorter than the text.
        self.size = 2 * len(body) + OVERHEAD

    def form(self, name):
        """(tag, headers as a list, body) in one form."""
        if name not in self.forms:
            body = compressed(expanded(*self.held), name)
            headers = in_form(self.headers, name, self.is_text)
            headers["Content-Length"] = str(len(body))
            if self.tag:
                headers["ETag"] = self.tag_of(name)
            self.forms[name] = headers["ETag"], headers.items(), body
            self.held = body, name
        return self.forms[name]

    def tag_of(self, form):
        """A strong tag names one sequence of bytes; a weak one is of the content, in whatever form."""
        is_same = form == PLAIN or self.tag.startswith("W/")
        return self.tag if is_same else f'{self.tag[:-1]}-{form}"'

    def send(self, environ, start_response, extra=()):
        form = best_form(environ.get("HTTP_ACCEPT_ENCODING", "")) if self.is_text else PLAIN
        tag, headers, body = self.forms.get(form) or self.form(form)
        if has_same(environ, tag, self.modified):
            return send_not_modified(headers, start_response)
        start_response(self.status, [*headers, *extra])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def in_form(headers, form, is_text):
    """A copy of these headers for a body in a form."""
    headers = type(headers)(headers.items())
    if is_text:
        vary = [name.strip() for name in (headers["Vary"] or "").split(",") if name.strip()]
        headers["Vary"] = ", ".join(dict.fromkeys([*vary, "Accept-Encoding"]))
    if form != PLAIN:
        headers["Content-Encoding"] = form
    return headers


def has_same(environ, tag, modified):
    """Whether the reader has this already (RFC 9110, section 13.2.2)."""
    if sought := environ.get("HTTP_IF_NONE_MATCH"):
        tags = [known.removeprefix("W/") for known in parse_etags(sought)]
        return tag is not None and ("*" in tags or tag.removeprefix("W/") in tags)
    if modified and (since := environ.get("HTTP_IF_MODIFIED_SINCE")):
        since = parse_http_date_safe(since)
        return since is not None and parse_http_date_safe(modified) <= since
    return False


def send_not_modified(headers, start_response):
    kept = [(name, value) for name, value in headers if not name.lower().startswith("content-")]
    start_response("304 Not Modified", kept)
    return []


def send_personal(status, headers, body, environ, start_response):
    """An answer for one reader, of a random length: it may hold a secret beside words of others (BREACH)."""
    if len(body) >= WORTH_IT and is_text(headers):
        form = GZIP if best_form(environ.get("HTTP_ACCEPT_ENCODING", "")) else PLAIN
        headers = in_form(headers, form, is_text=True)
        if form == GZIP:
            body = compress_string(body, max_random_bytes=100)
            weaken(headers)
    headers["Content-Length"] = str(len(body))
    start_response(status, headers.items())
    return [body]


def send_stream(status, headers, result, parts, environ, start_response):
    """A public stream: `parts` of it as they come, then `result` is closed."""
    if status.startswith("200") and has_same(environ, headers["ETag"], headers["Last-Modified"]):
        result.close()
        return send_not_modified(headers.items(), start_response)
    if is_text(headers):
        form = best_form(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers = in_form(headers, form, is_text=True)
        if form != PLAIN:
            parts = compressed_stream(parts, form)
            weaken(headers)
    start_response(status, headers.items())
    if environ["REQUEST_METHOD"] == "HEAD":
        result.close()
        return []
    return result if parts is result else Stream(parts, result.close)


@dataclass(frozen=True)
class Stream:
    """Parts of an answer, and what the server has to call when it is done with them."""

    parts: Iterable
    close: Callable

    def __iter__(self):
        return iter(self.parts)


def weaken(headers):
    """The tag is of the bytes before they were compressed."""
    if (tag := headers["ETag"]) and not tag.startswith("W/"):
        headers["ETag"] = f"W/{tag}"
