"""A database or a cache that fails is no fault of a page: the answer is 503, and when to ask again."""

import errno
import sys

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError
from django.http import HttpResponse
from django.template.loader import render_to_string

from ecosystem.renderers import is_data, problem
from ecosystem.views import errors

SENTENCE = "The data cannot be reached at the moment. Please try again in a minute."
LAST_RESORT = f"<!doctype html><html lang=en><title>Try again</title><h1>Try again soon</h1><p>{SENTENCE}"
RETRY_AFTER = "5"


def server_error(request):
    """Answer an exception that nothing else caught, from whichever middleware or view (handler500)."""
    return unavailable(request) if is_outage(sys.exception()) else errors.server_error(request)


def unavailable(request):
    response = problem(503, SENTENCE) if is_data(request.path) else page(request)
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response


def page(request):
    try:
        return HttpResponse(render_to_string("503.html", {"sentence": SENTENCE}, request), status=503)
    except Exception:  # noqa: BLE001 -- what is broken may break the template too
        return HttpResponse(LAST_RESORT, status=503)


def is_outage(exception):
    """Whether it is the database, the cache or the disk that failed, and not the question that they got."""
    if isinstance(exception, DatabaseError | InterfaceError):
        return not isinstance(exception, DataError | IntegrityError)
    if isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    redis = sys.modules.get("redis")
    return bool(redis) and isinstance(exception, redis.RedisError)
