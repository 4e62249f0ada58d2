"""What an import would do to records that readers see: new faults refuse it, old ones do not."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from import_export.results import RowResult

from ecosystem.content_checks import faults
from ecosystem.models.record import Record


def public_faults(records):
    """{what identifies a fault: (record, fault)} of those of these records that are published."""
    found, keys = {}, defaultdict(set)
    for record in records:
        keys[type(record)].add(record.pk)
    for model, pks in keys.items():
        published = model.objects.filter(pk__in=pks, state=Record.State.PUBLISHED)
        for pk, each in faults(published).items():
            for fault in each:
                name = (model, pk, type(fault.row), fault.row.pk, fault.field, fault.what)
                found[name] = (model, pk), fault
    return found


class KeepsPublic:
    """A table that leaves no published record with a fault that it did not have before."""

    def records_of(self, row):
        """The records that a row of the table says something about."""
        return [row] if isinstance(row, Record) else []

    def before_import(self, dataset, **kwargs):
        super().before_import(dataset, **kwargs)
        self.numbers = {}
        self.faults_before = public_faults(self.records_named())

    def records_named(self):
        return [record for row in self.existing.values() for record in self.records_of(row)]

    def save_instance(self, instance, is_create, row, **kwargs):
        super().save_instance(instance, is_create, row, **kwargs)
        for touched in (*self.records_of(instance), instance):
            self.numbers.setdefault(touched, kwargs["row_number"])

    def after_import(self, dataset, result, **kwargs):
        super().after_import(dataset, result, **kwargs)
        if result.has_errors() or result.has_validation_errors():
            return
        touched = [row for row in self.numbers if isinstance(row, Record)]
        wrong = defaultdict(lambda: defaultdict(list))
        for name, (record, fault) in public_faults(touched).items():
            if name not in self.faults_before:
                wrong[self.number(record, fault)][self.column(fault)].append(self.sentence(fault))
        for number, errors in sorted(wrong.items()):
            result.append_invalid_row(number, {}, ValidationError(errors))
            result.totals[RowResult.IMPORT_TYPE_INVALID] += 1

    def number(self, record, fault):
        """The row that brought the fault, else the first one about its record."""
        model, pk = record
        return self.numbers.get(fault.row) or next(
            number for row, number in self.numbers.items() if type(row) is model and row.pk == pk
        )

    def column(self, fault):
        own = type(fault.row) is self.model and fault.field in self.db_fields
        return fault.field if own else self.key

    def sentence(self, fault):
        about = "" if type(fault.row) is self.model else f"{fault.row}: "
        return capfirst(f"{about}{fault.what.rstrip('.')}.")
