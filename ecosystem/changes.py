"""The change log: one row for each commit that altered a record, and the version of the data that follows.

Rows are written after the commit, by whatever way content was touched: admin, import, `loaddata`, `save()`.
A record that reads as before gets none.
"""

from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Max, Q
from django.utils import timezone

from ecosystem.journal import CONTENT, Why, listen, touch, why
from ecosystem.models import RECORDS, Change, Statement
from ecosystem.versions import EDITORS, differences, snapshots
from ecosystem.whole import whole_snapshots

LOGGED = tuple(model for model in CONTENT if model is not Statement)
Action = Change.Action
LONGEST_REASON = Change._meta.get_field("reason").max_length
BATCH = 200


def data_version():
    """How many changes readers could see so far. It only grows, and every process reads the same."""
    return Change.objects.seen().count()


def version_date():
    """When readers saw the last of these changes (aware), or None before the first."""
    return Change.objects.seen().aggregate(last=Max("published_at"))["last"]


@contextmanager
def because(reason="", user=None):
    """Give the changes made inside a reason, which readers see, and a user, whom they never see.

    What is left out comes from the `because` around it: the reason of a save, the user of its request.
    """
    outer = why.get()
    token = why.set(Why(user or outer.user, reason[:LONGEST_REASON] or outer.reason))
    try:
        yield
    finally:
        why.reset(token)


def editor(get_response):
    """Middleware: what a request changes was done by whoever is signed in. Reading asks for nobody."""

    def middleware(request):
        # Lazy as it is, the user costs a query only where a change is written.
        token = why.set(Why(request.user))
        try:
            return get_response(request)
        finally:
            why.reset(token)

    return middleware


@listen
def record(touched):
    """Write a row for each record that reads differently now. `touched` is {model: {key: why}}.

    Companies come last: in the log, newest first, they stand above the sources of the same commit.
    """
    for model in reversed(LOGGED):
        keys = sorted(touched.get(model, ()))
        for start in range(0, len(keys), BATCH):
            batch = {key: touched[model][key] for key in keys[start : start + BATCH]}
            with transaction.atomic():
                record_batch(model, batch)


def record_batch(model, reasons):
    named, kind = model.objects.filter(pk__in=reasons), model._meta.model_name
    # Of two commits at once the second waits here, and then sees the row of the first.
    list(named.select_for_update().order_by("pk").values_list("pk"))
    log = Change.objects.filter(kind=kind, object_id__in=reasons).order_by()
    last = {change.object_id: change for change in log.newest_states().defer("whole")}
    announced = {change.object_id: change for change in log.waiting().filter(action=Action.WITHDRAWN)}
    opens, whole = openings(named), whole_snapshots(model, reasons)
    noted = dict(log.newest_whole().values_list("object_id", "whole"))
    written, unseen, stale = [], [], []
    for row, snapshot in snapshots(model, list(named.for_export())):
        seen_before = last.pop(row.pk, None)
        found, ahead = changes_of(row, snapshot, seen_before, opens.get(row.pk)), announcement(row, snapshot)
        if found or not same_announcement(announced.get(row.pk), ahead):
            stale.append(row.pk)
            found += [ahead] if ahead else []
        written += found
        if not found and whole[row.pk] != noted.get(row.pk):
            unseen.append(unseen_change(row, noted.get(row.pk), whole[row.pk]))
    for change in (*written, *unseen):
        change.whole = whole[change.object_id]
    written += [deletion(change) for change in last.values() if change.action != Action.DELETED]
    for change in (*written, *unseen):
        sign(change, reasons[change.object_id])
    # A change that waited for its date never comes to be seen: a later one took its place.
    rewritten = [change.object_id for change in written if not is_announcement(change)]
    overtaken = Q(object_id__in=rewritten) | Q(object_id__in=stale, action=Action.WITHDRAWN)
    log.filter(overtaken).waiting().update(published_at=None)
    Change.objects.bulk_create((*written, *unseen))


def openings(queryset):
    """{key: since when, or from when on, readers see the row}; rows that are kept from them are left out."""
    if queryset.model in RECORDS:
        rows = queryset.filter(state="published").exclude(withdraw_at__lte=timezone.now())
        return dict(rows.values_list("pk", "published_at"))
    return dict.fromkeys(queryset.published().values_list("pk", flat=True), timezone.now())


def announcement(row, snapshot):
    """The withdrawal that a record's schedule has ahead, or None."""
    now = timezone.now()
    if getattr(row, "state", None) != "published" or row.withdraw_at is None or row.withdraw_at <= now:
        return None
    common = {"kind": row._meta.model_name, "object_id": row.pk, "slug": row.slug, "at": now}
    words = {"reason": row.withdrawal_reason, "snapshot": snapshot}
    return Change(action=Action.WITHDRAWN, published_at=row.withdraw_at, **common, **words)


def same_announcement(announced, ahead):
    if announced is None or ahead is None:
        return announced is ahead
    return (announced.published_at, announced.reason) == (ahead.published_at, ahead.reason)


def is_announcement(change):
    return change.action == Action.WITHDRAWN and change.published_at > timezone.now()


def changes_of(row, snapshot, last, opens):
    """What to write of a row: nothing, one change, or two where a public record waits for a new date."""
    now = timezone.now()
    was_public, is_public = last is not None and last.is_public(now), opens is not None and opens <= now
    if reads_the_same(last, snapshot) and was_public == is_public and (last.published_at or not opens):
        return []
    common = {"kind": row._meta.model_name, "object_id": row.pk, "slug": row.natural_key()[0]}
    common |= {"at": now, "snapshot": snapshot}
    if was_public and is_public:
        labels = (item.label for item in differences(type(row), last.snapshot, snapshot))
        summary = "; ".join(dict.fromkeys(labels))
        return [Change(action=Action.CHANGED, published_at=second(now), summary=summary, **common)]
    written = []
    if was_public and hasattr(row, "state"):
        reason = row.withdrawal_reason
        written += [Change(action=Action.WITHDRAWN, published_at=second(now), reason=reason, **common)]
    if opens:
        seen_from = second(now) if is_public else opens
        written += [Change(action=Action.PUBLISHED, published_at=seen_from, **common)]
    is_known = last and last.action != Action.DELETED
    return written or [Change(action=Action.CHANGED if is_known else Action.CREATED, **common)]


def unseen_change(row, before, after):
    """A change of what is held back from readers: no state of the record that they could ever see."""
    labels = [item.label for item in differences(type(row), before or {}, after, extent=EDITORS)]
    summary = "; ".join(dict.fromkeys(labels)) if before else ""
    common = {"kind": row._meta.model_name, "object_id": row.pk, "slug": row.natural_key()[0]}
    return Change(action=Action.CHANGED, at=timezone.now(), summary=summary, **common)


def reads_the_same(last, snapshot):
    """Whether a record says what its last change left; when and why it will go is for its announcement."""
    if last is None:
        return False
    told = ("withdraw_at", "withdrawal_reason")
    return {**last.snapshot, **{name: snapshot[name] for name in told if name in snapshot}} == snapshot


def second(now):
    """Down to the second: SQLite's clock is too coarse to find what is only microseconds old."""
    return now.replace(microsecond=0)


def deletion(last):
    now = timezone.now()
    seen_from = second(now) if last.is_public(now) else None
    common = {"kind": last.kind, "object_id": last.object_id, "slug": last.slug}
    return Change(action=Action.DELETED, at=now, published_at=seen_from, snapshot={}, **common)


def sign(change, why):
    change.user_id = why.user.pk if why.user else None
    # Of what is ahead a later reader wants the reason then, not that of today's edit.
    if not is_announcement(change):
        change.reason = why.reason or change.reason


def redact(changes):
    """Take what these changes said out of the history for good; that something was taken out stays told.

    The newest state of a record is left as it is: its page says the same. Returns how many were redacted.
    """
    newest = Change.objects.newest_states().values("pk")
    ahead = Change.objects.waiting().values("pk")
    past = list(changes.filter(snapshot__isnull=False).exclude(pk__in=newest).exclude(pk__in=ahead))
    newest_whole = Change.objects.newest_whole().values("pk")
    past += changes.filter(snapshot__isnull=True, whole__isnull=False).exclude(pk__in=newest_whole)
    notes = [note_of_redaction(change) for change in past]
    with transaction.atomic():
        emptied = {"snapshot": None, "whole": None, "summary": "", "reason": ""}
        Change.objects.filter(pk__in=[change.pk for change in past]).update(**emptied)
        Change.objects.bulk_create(notes)
        touch(DEFAULT_DB_ALIAS, Change, *(change.pk for change in past))
    return len(notes)


def note_of_redaction(change):
    now = timezone.now()
    seen_from = change.published_at and second(now)
    common = {"kind": change.kind, "object_id": change.object_id, "slug": change.slug}
    note = Change(action=Action.REDACTED, at=now, published_at=seen_from, **common)
    sign(note, why.get())
    return note
