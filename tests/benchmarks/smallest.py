"""The smallest WSGI applications: as many bytes with the fewest headers, or with all that a page sends.

`/6156` asks for that many bytes; `/list.json` for what a file in ANSWERS tells, [headers, number of bytes].
"""

import json
import os
from functools import lru_cache
from pathlib import Path


@lru_cache
def answer(path):
    if path.endswith(".json"):
        headers, length = json.loads(Path(os.environ["ANSWERS"], path[1:]).read_text())
        return list(map(tuple, headers)), [b"x" * length]
    length = path.strip("/") or "0"
    return [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", length)], [b"x" * int(length)]


def application(environ, start_response):
    headers, body = answer(environ["PATH_INFO"])
    start_response("200 OK", headers)
    return body
