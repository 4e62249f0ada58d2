"""What every answer owes to caches and programs."""

from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import parse_http_date_safe


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
