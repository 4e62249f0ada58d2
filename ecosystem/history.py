"""What readers saw change, put into words: the history of a record, its versions, single changes."""

from django.apps import apps

from ecosystem.models import Change, Source
from ecosystem.versions import as_it_was, differences, rows_named


class History:
    """The public changes of a record. Its versions count from 1; events such as a withdrawal are none."""

    def __init__(self, kind, object_id):
        self.model = apps.get_model("ecosystem", kind)
        self.log = Change.objects.seen().filter(kind=kind, object_id=object_id)
        log = list(self.log.order_by("pk").values_list("pk", "action"))
        self.keys = [key for key, _ in reversed(log)]
        self.versions = [key for key, action in log if action not in Change.NO_VERSION]
        self.numbers = {key: number for number, key in enumerate(self.versions, start=1)}

    @classmethod
    def of(cls, change):
        return cls(change.kind, change.object_id)

    def before(self, key):
        """The version that a version followed, as a key, or None."""
        number = self.numbers.get(key, 1)
        return self.versions[number - 2] if number > 1 else None

    def entries(self, keys):
        """These changes, each with its version `number` and its `differences` from the version before.

        `differences` is None where there is nothing to compare: the first version, or a redacted one.
        """
        rows = self.log.in_bulk([*keys, *filter(None, map(self.before, keys))])
        names = rows_named(self.model, [row.snapshot for row in rows.values() if row.snapshot])
        for change in (rows[key] for key in keys):
            earlier = rows.get(self.before(change.pk))
            change.number, change.differences = self.numbers.get(change.pk), None
            if earlier and earlier.snapshot and change.snapshot:
                pair = earlier.snapshot, change.snapshot
                change.differences = list(differences(self.model, *pair, names))
            yield change

    def version(self, number):
        """The change that made the version of this number, or None if there is none that can be read."""
        if not 0 < number <= len(self.versions):
            return None
        change = self.log.filter(snapshot__isnull=False, pk=self.versions[number - 1]).first()
        if change:
            change.number = number
        return change

    def no_version(self, number):
        """What to tell somebody who asks for one that cannot be read."""
        if number <= len(self.versions):
            return f"Version {number} was removed from the history of this record."
        return f"This record has no version {number}. Its versions go from 1 to {len(self.versions)}."


def read(record, change, history_address):
    """The record as a change left it; a source that nothing cites any more links to the history."""
    old = as_it_was(record, change)
    rows = [old, *old.statements.all()]
    sources = {source.key: source for row in rows for source in row.sources.all()}
    cited = set(Source.objects.published().filter(key__in=sources).values_list("key", flat=True))
    for key, source in sources.items():
        if key not in cited:
            source.get_absolute_url = lambda: history_address
    return old
