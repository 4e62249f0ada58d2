"""The change log: one row for each commit that altered a record, and the version of the data that follows."""

from django.db.models import Max

from ecosystem.models import Change


def data_version():
    """How many changes readers could see so far. It only grows, and every process reads the same."""
    return Change.objects.seen().count()


def version_date():
    """When readers saw the last of these changes (aware), or None before the first."""
    return Change.objects.seen().aggregate(last=Max("published_at"))["last"]
