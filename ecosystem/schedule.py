"""When what readers may see changes next by the clock alone."""

from django.db.models import F
from django.db.models.functions import Now

from ecosystem.models import RECORDS


def next_change_of_visibility():
    """When the next publication or withdrawal of any record comes due: an aware datetime, or None. One query.

    Until then only a commit changes what readers may see, and listeners hear of that (journal.py).
    """
    first, *others = (
        model.objects.filter(state="published", **{f"{name}__gt": Now()}).order_by().values(moment=F(name))
        for model in RECORDS
        for name in ("published_at", "withdraw_at")
    )
    row = first.union(*others).order_by("moment").first()
    return row and row["moment"]
