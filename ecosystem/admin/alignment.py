"""The rows of a posted formset, brought in line with the rows that there are by now."""

from decimal import Decimal, InvalidOperation

from ecosystem.admin.conflicts import lines
from ecosystem.models import Source

# In one form. The fullest of the shipped records has a fifth of that.
MOST_ROWS = 500
TEXTS = ("label", "kind", "key", "text", "unit", "date", "actor", "status", "note")


def align(data, prefix, queryset, conflict=None):
    """Put the rows of a posted formset into the order of the statements that there are; return these.

    Django pairs the two by position. A row whose statement a colleague deleted meanwhile becomes a new row if
    something was typed into it, and goes if not. `data` is changed in place.
    """
    total, initial = (number(data.get(f"{prefix}-{name}_FORMS")) for name in ("TOTAL", "INITIAL"))
    if not initial <= total <= MOST_ROWS:
        return queryset
    posted = [pop_row(data, f"{prefix}-{n}-") for n in range(total)]
    by_key = {row["id"][-1]: row for row in posted[:initial] if row.get("id")}
    there = [str(key) for key in queryset.values_list("pk", flat=True)]
    kept = [by_key[key] for key in there if key in by_key]
    orphans = [row | {"id": [""]} for row in posted[:initial] if row not in kept and is_typed(row, conflict)]
    rows = [*kept, *orphans, *posted[initial:]]
    for place, row in enumerate(rows):
        for name, values in row.items():
            data.setlist(f"{prefix}-{place}-{name}", values)
    data[f"{prefix}-TOTAL_FORMS"], data[f"{prefix}-INITIAL_FORMS"] = str(len(rows)), str(len(kept))
    return queryset.filter(pk__in=[key for key in there if key in by_key])


def number(text):
    return int(text) if text and text.isdecimal() and len(text) < 6 else -1


def pop_row(data, start):
    names = [name for name in data if name.startswith(start)]
    return {name.removeprefix(start): data.pop(name) for name in names}


def is_typed(row, conflict):
    """Whether a row without its statement says anything else than the statement that was deleted."""
    if "DELETE" in row or "label" not in row:
        return False
    keys = Source.objects.filter(pk__in=filter(str.isdecimal, row.get("sources", ()))).values_list(
        "key", flat=True
    )
    said = {name: lines(row.get(name, [""])[-1]) for name in TEXTS}
    said |= {"sources": sorted(keys), "value": decimal(row.get("value", [""])[-1])}
    deleted = conflict.deleted() if conflict else ()
    return said not in [as_posted(entry) for entry in deleted]


def as_posted(entry):
    said = {name: lines(entry[name] or "") for name in TEXTS}
    return said | {"sources": entry["sources"], "value": decimal(entry["value"])}


def decimal(text):
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text
