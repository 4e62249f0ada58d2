"""What all processes share beside the content: counters of failed logins above all. It names nobody."""

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac


def hidden(key, prefix, version):
    """The name of an entry, from which the address or account in its key cannot be read (KEY_FUNCTION)."""
    return salted_hmac("hubportal.shared_cache", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()


def forget_expired():
    """Delete what has run out, which the table keeps until it is full; Redis does so itself."""
    if settings.REDIS_URL:
        return
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache_entries WHERE expires < %s", [now])
