"""Answers made smaller: in the best form that the client takes, each answer once."""

import gzip
import zlib
from functools import lru_cache

import brotli

PLAIN, GZIP, BROTLI = "", "gzip", "br"
# Below this many bytes an answer fits a packet as it is.
WORTH_IT = 512
TEXTS = ("text/", "image/svg+xml", "application/json", "application/problem+json", "application/schema+json")
TEXTS += ("application/xml", "application/atom+xml", "application/ld+json", "application/manifest+json")


@lru_cache(maxsize=256)
def best_form(accept_encoding):
    """The best form that an Accept-Encoding header allows (RFC 9110, section 12.5.3)."""
    allowed = {}
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        allowed[name] = weight.strip("0.") != "" or not weight
    return next((form for form in (BROTLI, GZIP) if allowed.get(form, allowed.get("*"))), PLAIN)


def is_text(headers):
    """Whether these headers are of something that gets smaller. What is compressed already does not."""
    return (headers["Content-Type"] or "").startswith(TEXTS) and "Content-Encoding" not in headers


def compressed(body, form):
    """The same bytes for everybody, so for what is public alone."""
    if form == BROTLI:
        return brotli.compress(body, quality=5)
    return gzip.compress(body, 6, mtime=0) if form == GZIP else body


def expanded(body, form):
    """What `compressed` made smaller."""
    if form == BROTLI:
        return brotli.decompress(body)
    return gzip.decompress(body) if form == GZIP else body


def compressed_stream(parts, form):
    """Compress as the parts come; fast rather than small, for it is done for one reader."""
    if form == BROTLI:
        tool = brotli.Compressor(quality=1)
        compress, finish = tool.process, tool.finish
    else:
        tool = zlib.compressobj(1, wbits=31)
        compress, finish = tool.compress, tool.flush
    for part in parts:
        if piece := compress(part):
            yield piece
    yield finish()
