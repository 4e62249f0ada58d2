"""What every table does: a row each, found by its key, checked by the form that editors fill in."""

from collections import Counter

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import modelform_factory
from import_export import resources
from import_export.exceptions import ImportExportError

from ecosystem.admin.cells import BETWEEN_KEYS, column, harmless, text_of, typed
from ecosystem.admin.refusals import leave_to_database, refusals_in_words

MOST_ROWS = 2000


class NoTableError(ImportExportError):
    """Why a file as a whole is no table of this kind."""


class Table(resources.ModelResource):
    """A table of one model. What the form refuses is told by row and column, and then nothing is written.

    `model_admin` and `request` say what the importer may do; only an export does without them.
    """

    form = None

    class Meta:
        use_transactions = True
        report_skipped = True
        # Its differences are HTML with styles in it, and cost a copy of each row. Ours are names of columns.
        skip_diff = True

    def __init__(self, model_admin=None, request=None, **kwargs):
        super().__init__(**kwargs)
        self.model_admin, self.request = model_admin, request
        self.model = self._meta.model
        self.key, self.noun = self.model.natural_key_field, self.model._meta.verbose_name
        self.db_fields = {name: self.model._meta.get_field(name) for name in self._meta.fields}
        self.related = {name: field for name, field in self.db_fields.items() if field.is_relation}

    # Out

    def filter_export(self, queryset, **kwargs):
        singles = [name for name, field in self.related.items() if field.many_to_one]
        # Without a name select_related() would follow every relation.
        queryset = queryset.select_related(*singles) if singles else queryset
        return queryset.prefetch_related(*(self.related.keys() - set(singles)))

    def text(self, row, name):
        """What stands in a column of a saved row."""
        value = getattr(row, name)
        return text_of(value.all() if self.db_fields[name].many_to_many else value).strip()

    def export_field(self, field, instance, **kwargs):
        return harmless(self.text(instance, field.column_name))

    # In

    def before_import(self, dataset, **kwargs):
        dataset.headers = [str(name or "").strip() for name in dataset.headers or ()]
        try:
            self.check(dataset)
        except NoTableError:
            del dataset[0 : len(dataset)]
            raise
        keys = [self.typed_text(cell, self.key) for cell in dataset[self.key]]
        self.twice = {key for key, number in Counter(keys).items() if number > 1}
        rows = self.filter_export(self.model.objects.filter(**{f"{self.key}__in": set(keys)}))
        self.existing = {getattr(row, self.key): row for row in rows}
        self.form_class = modelform_factory(
            self.model, form=self.form, fields=self._meta.fields, formfield_callback=column
        )
        for name in self.related:
            self.load(name, dataset[name] if name in dataset.headers else ())

    def check(self, dataset):
        """Refuse a file whose columns are not those of the table, or that holds too many rows."""
        while dataset.headers and not dataset.headers[-1] and not any(dataset.get_col(dataset.width - 1)):
            del dataset[""]
        for name, number in Counter(dataset.headers).items():
            if name not in self.db_fields:
                known = ", ".join(self._meta.fields)
                raise NoTableError(f"There is no column “{name}”. The columns are: {known}.")
            if number > 1:
                raise NoTableError(f"The column “{name}” is there {number} times.")
        if self.key not in dataset.headers:
            raise NoTableError(
                f"The column “{self.key}” is missing: it says which {self.noun} a row is about."
            )
        if len(dataset) > MOST_ROWS:
            raise NoTableError(f"The file has {len(dataset):,} rows. At most {MOST_ROWS:,} go in at once.")

    def typed_text(self, cell, name):
        try:
            return typed(cell, self.db_fields[name])
        except ValidationError:
            # Told with the row that the cell stands in.
            return ""

    def load(self, name, cells):
        """Read all rows that a column of keys names, in one query; those that are cited already are there."""
        model, many = self.related[name].related_model, self.related[name].many_to_many
        cited = [getattr(row, name) for row in self.existing.values()]
        rows = [row for rows in cited for row in rows.all()] if many else filter(None, cited)
        loaded = {row.natural_key()[0]: row for row in rows}
        keys = {part.strip() for cell in cells for part in self.typed_text(cell, name).split(BETWEEN_KEYS)}
        missing = model.objects.filter(**{f"{model.natural_key_field}__in": keys - loaded.keys()})
        loaded |= {row.natural_key()[0]: row for row in missing}
        self.form_class.base_fields[name].loaded = loaded

    def get_instance(self, instance_loader, row):
        return self.existing.get(self.typed_text(row[self.key], self.key))

    def import_instance(self, instance, row, **kwargs):
        """Read the cells into the row's form and note which columns differ. Raises ValidationError."""
        self.changed, cells, wrong = [], {}, {}
        for name, cell in row.items():
            try:
                cells[name] = typed(cell, self.db_fields[name])
            except ValidationError as error:
                wrong[name] = error
        if cells.get(self.key) in self.twice:
            wrong[self.key] = ValidationError(f"“{cells[self.key]}” stands in more than one row.")
        if wrong:
            raise ValidationError(wrong)
        before = {name: self.text(instance, name) for name in self.db_fields} if instance.pk else {}
        if not instance.pk or any(before[name] != text for name, text in cells.items()):
            self.fill(instance, cells, before)

    def fill(self, instance, cells, before):
        """Validate the row as the editors' form would. What the file leaves out stays as it is."""
        leave_to_database(instance)
        self.bound = self.form_class({**self.defaults(), **before, **cells}, instance=instance)
        self.check_rights(instance)
        if not self.bound.is_valid():
            raise ValidationError(self.bound.errors.as_data())
        after = {name: text_of(self.bound.cleaned_data[name]) for name in cells}
        # Compared once more: “380.0” is no other number than 380.
        self.changed = [name for name, text in after.items() if not instance.pk or before[name] != text]

    def defaults(self):
        fields = {name: field for name, field in self.db_fields.items() if field.has_default()}
        return {name: text_of(field.get_default()) for name, field in fields.items()}

    def check_rights(self, instance):
        may = self.model_admin.has_change_permission if instance.pk else self.model_admin.has_add_permission
        if not may(self.request, *filter(None, [instance.pk and instance])):
            raise ValidationError({self.key: f"You may not change this {self.noun}: readers see it."})

    def skip_row(self, instance, original, row, import_validation_errors=None):
        return not import_validation_errors and not self.changed

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def save_instance(self, instance, is_create, row, **kwargs):
        if not kwargs["using_transactions"]:
            raise PermissionDenied
        with refusals_in_words(instance):
            instance.save()
            for name in self.changed:
                if self.db_fields[name].many_to_many:
                    getattr(instance, name).set(self.bound.cleaned_data[name])
        for name, field in self.related.items():
            if field.related_model is self.model:
                self.form_class.base_fields[name].loaded[getattr(instance, self.key)] = instance

    def save_m2m(self, instance, row, **kwargs):
        """Done with the row."""

    def after_import_row(self, row, row_result, **kwargs):
        row_result.changed = self.changed
