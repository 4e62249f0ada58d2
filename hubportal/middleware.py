"""What every answer owes to caches and programs."""

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import parse_http_date_safe

from ecosystem.renderers import is_data, open_data


def good_manners(get_response):
    """Make every public page cheap to ask for again: a validator, and 304 where nothing changed.

    `no-cache` lets a browser keep the page but ask before it shows it: a correction is seen at once.
    """

    def middleware(request):
        response = get_response(request)
        # What says itself how it may be kept (the admin: not at all) is left alone.
        if request.method not in ("GET", "HEAD") or "Cache-Control" in response:
            return response
        response["Cache-Control"] = "no-cache"
        if response.streaming and request.method == "HEAD":
            response.streaming_content = ()
        elif not response.streaming and "ETag" not in response and response.status_code == 200:
            set_response_etag(response)
        modified = response.get("Last-Modified")
        return get_conditional_response(
            request, response.get("ETag"), modified and parse_http_date_safe(modified), response
        )

    return middleware


def preflight(get_response):
    """Middleware that tells browsers what scripts of other sites may ask for (CORS): data, with any header.

    If-None-Match is one of those that a browser asks about first.
    """

    def middleware(request):
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not (asks and is_data(request.path)):
            return get_response(request)
        response = open_data(HttpResponse(content_type="text/plain; charset=utf-8"))
        response["Access-Control-Allow-Methods"] = "GET, HEAD"
        response["Access-Control-Allow-Headers"] = "*"
        response["Access-Control-Max-Age"] = "86400"
        return response

    return middleware
