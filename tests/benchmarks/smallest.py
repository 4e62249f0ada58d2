"""The smallest WSGI application: as many bytes as the path says, with the fewest headers."""

from functools import lru_cache


@lru_cache
def answer(path):
    body = b"x" * int(path.strip("/") or 0)
    return [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))], [body]


def application(environ, start_response):
    headers, body = answer(environ["PATH_INFO"])
    start_response("200 OK", headers)
    return body
