"""Reports of errors to Sentry, where the operator wants them: what broke and where, nothing about whom."""

import sentry_sdk
from sentry_sdk.integrations.logging import ignore_logger


def start(dsn, **options):
    """Report errors to this address. `options` are the library's own, for tests.

    By its default the library sends nothing that names a person; local variables and forms may.
    """
    # Its line for an answer with 5xx follows the error itself.
    ignore_logger("hubportal.access")
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=without_visitor,
        **options,
    )


def without_visitor(event, hint):
    """Of the request only method and path go out: words of a search, addresses and cookies stay here."""
    request = event.pop("request", {})
    event["request"] = {"method": request.get("method"), "url": request.get("url", "").partition("?")[0]}
    event.pop("user", None)
    return event
