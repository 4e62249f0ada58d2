"""Links that show one record before its publication to whoever holds them."""

from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

from ecosystem.models import Revocation

LASTS = timedelta(days=7)
signer = signing.Signer(salt="ecosystem.preview")


def token(record, until):
    """What a link holds: which record it shows, until when (aware, to the second), and its generation."""
    kind, key = record._meta.model_name, record.pk
    return signer.sign_object([kind, key, int(until.timestamp()), generation(kind, key)])


def read(text):
    """(kind, key, until when, whether it was revoked) of a token.

    Raises signing.BadSignature for one that was not made here.
    """
    # A link from before there were generations is of the first.
    kind, key, until, made_in = [*signer.unsign_object(text), 0][:4]
    until = datetime.fromtimestamp(until, timezone.get_current_timezone())
    return kind, key, until, made_in != generation(kind, key)


def generation(kind, key):
    """The key of the last revocation of a record's links, 0 before the first."""
    last = Revocation.objects.last_of(kind, key)
    return last.pk if last else 0
