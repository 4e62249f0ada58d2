"""What waits for editors: the queues of the admin's first page and of its lists' filters, defined once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.db.models.lookups import Exact
from django.utils import timezone

from ecosystem.dimensions import MOST_READ
from ecosystem.models import RECORDS, Correction, Source, Statement
from ecosystem.models.record import Record
from ecosystem.querysets import is_published
from ecosystem.roles import permission

# How old a reading of the sources may be, and for how long a draft may lie.
READING, REST = timedelta(days=365), timedelta(days=30)


@dataclass(frozen=True)
class Queue:
    """Rows of some models that a condition finds; `advice` says what to do, `action` whose work that is."""

    name: str
    label: str
    advice: str
    models: tuple
    # Takes the model.
    condition: Callable[[type], Q]
    action: str = "change"


def last_read_before():
    """The day before which a reading of the sources is too old."""
    return timezone.localdate() - READING


def is_unread(model):
    """Of what readers see: as far as that stands in the row itself, for statements."""
    shown = Q(draft=False) if model is Statement else is_published()
    return shown & (Q(checked_on=None) | Q(checked_on__lt=last_read_before()))


def number_of_origins():
    """How many original publishers a statement rests on; NULL without a source."""
    links = Statement.sources.through.objects.filter(statement=OuterRef("pk")).order_by()
    counted = links.values("statement").annotate(number=Count("source__origin", distinct=True))
    return Subquery(counted.values("number"))


def resting_on_two(rows):
    """Yield (true, key) of the statements of a queryset that rest on two original publishers.

    Asked this way, a database reads the links once; `number_of_origins` goes to them statement by statement.
    """
    links = Statement.sources.through.objects.filter(statement__in=rows).order_by().values("statement")
    two = links.alias(one=Min("source__origin"), other=Max("source__origin")).exclude(one=F("other"))
    return ((True, key) for key in two.values_list("statement", flat=True).iterator(MOST_READ))


def has_rival():
    """The condition “another statement about the same record has the same key, too”."""
    others = Statement.objects.shown().filter(key=OuterRef("key")).exclude(pk=OuterRef("pk"))
    found = Q()
    # One question for each kind of record, asked of statements about that kind alone.
    for subject in Statement.SUBJECTS:
        about_one = Q(**{f"{subject}__isnull": False})
        found |= about_one & Q(Exists(others.filter(**{subject: OuterRef(subject)})))
    return ~Q(key="") & found


QUEUES = (
    Queue(
        "corrections",
        "Open corrections",
        "Readers say that something is wrong: look, decide, give the reason.",
        (Correction,),
        lambda model: Q(state=Correction.State.OPEN),
    ),
    Queue(
        "review",
        "In review",
        "Read them, then publish them or send them back.",
        RECORDS,
        lambda model: Q(state=Record.State.IN_REVIEW),
        "publish",
    ),
    Queue(
        "scheduled",
        "Scheduled",
        "Will be published or withdrawn at their time, without anybody.",
        RECORDS,
        lambda model: (
            Q(state=Record.State.PUBLISHED) & (Q(published_at__gt=Now()) | Q(withdraw_at__gt=Now()))
        ),
        "publish",
    ),
    Queue(
        "disputed",
        "Disputed without a note",
        "Say who differs, or add the rival value as a statement with the same key.",
        (Statement,),
        lambda model: Q(status=Statement.Status.DISPUTED, draft=False, note="") & ~has_rival(),
    ),
    Queue(
        "single",
        "Facts with a single source",
        "Look for a second original publisher.",
        (Statement,),
        lambda model: Q(Exact(number_of_origins(), 1), kind=Statement.Kind.FACT, draft=False),
    ),
    Queue(
        "unread",
        "Not re-read for twelve months",
        "Read the sources again, then say so with the action of the list or in the form.",
        (*RECORDS, Statement),
        is_unread,
    ),
    Queue(
        "broken",
        "Sources whose link is broken",
        "Find where the page went, or link its archived copy.",
        (Source,),
        lambda model: Q(link_state__in=[Source.LinkState.GONE, Source.LinkState.TIMEOUT]),
    ),
    Queue(
        "unarchived",
        "Sources without an archived copy",
        "Pages vanish: save a copy in a web archive and enter its address.",
        (Source,),
        lambda model: Q(archive_url=""),
    ),
    Queue(
        "idle",
        "Drafts idle for thirty days",
        "Finish them, send them to review, or let them go.",
        RECORDS,
        lambda model: Q(state=Record.State.DRAFT, updated_at__lt=timezone.now() - REST),
    ),
)


def queues_of(model):
    """The queues that hold rows of a model."""
    return [queue for queue in QUEUES if model in queue.models]


def counts(user):
    """[(queue, [(model, number of rows)])] of the queues that are this user's work: one query a model."""
    mine = {
        (queue, model)
        for queue in QUEUES
        for model in queue.models
        if user.has_perm(permission(queue.action, model))
    }
    found = {}
    for model in {model for _, model in mine}:
        of_model = [queue for queue in queues_of(model) if (queue, model) in mine]
        numbers = model.objects.aggregate(
            **{queue.name: Count("pk", filter=queue.condition(model)) for queue in of_model}
        )
        found |= {(queue, model): numbers[queue.name] for queue in of_model}
    return [
        (queue, [(model, found[queue, model]) for model in queue.models if (queue, model) in found])
        for queue in QUEUES
        if any((queue, model) in found for model in queue.models)
    ]
