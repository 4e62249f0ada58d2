"""What the log looks like: a line for people, or a JSON object for machines; never two lines by a trick."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

FORMATS = ("text", "json")
# What is known of the request in hand: its id, and the key of whoever is logged in. None between requests.
current = ContextVar("current", default=None)


def escaped(text):
    """Line breaks as their signs: what a visitor sends starts no line of its own."""
    return text.replace("\r", "\\r").replace("\n", "\\n")


class Request(logging.Filter):
    """Puts what is known of the request in hand on each line that it causes."""

    def filter(self, record):
        record.request = current.get() or {}
        return True


class TextFormatter(logging.Formatter):
    def formatMessage(self, record):  # noqa: N802 -- the library's name
        return escaped(super().formatMessage(record))


class JsonFormatter(logging.Formatter):
    """One object a line: UTC, level, logger, message, the request, and what the caller gave as `details`."""

    def format(self, record):
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "request", {}),
            **getattr(record, "details", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def configuration(form, level):
    """Django's LOGGING: everything goes to standard error. Requests are told one by one in JSON only."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": Request}},
        "formatters": {"text": {"()": TextFormatter}, "json": {"()": JsonFormatter}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request"]}
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": ["console"], "level": level, "propagate": False},
            # It says once more what hubportal.access says of each answer.
            "django.request": {"level": "ERROR"},
            # What is no request, the server refuses before anybody else sees it.
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
            # A robot that asks by another name is no fault here; its answer, 400, is told as any other.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "hubportal.access": {"level": level if form == "json" else "ERROR"},
        },
    }
