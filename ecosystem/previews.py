"""Links that show one record before its publication to whoever holds them."""

from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

LASTS = timedelta(days=7)
signer = signing.Signer(salt="ecosystem.preview")


def token(record, until):
    """What a link holds: which record it shows, and until when (aware, to the second)."""
    return signer.sign_object([record._meta.model_name, record.pk, int(until.timestamp())])


def read(text):
    """(kind, key, until when) of a token. Raises signing.BadSignature for one that was not made here."""
    kind, key, until = signer.unsign_object(text)
    return kind, key, datetime.fromtimestamp(until, timezone.get_current_timezone())
