"""Records and evidence as tables: which columns each has, and the form that checks its rows."""

from django.conf import settings

from ecosystem.admin.completeness import KeepsPublic
from ecosystem.admin.forms import StatedRecordForm, moved_from
from ecosystem.admin.namesakes import name_index
from ecosystem.admin.sources import SourceForm
from ecosystem.admin.statement_forms import StatementForm
from ecosystem.admin.table import Table
from ecosystem.models import Breakthrough, Company, Source, Statement
from ecosystem.roles import UNSEEN


class RecordTable(KeepsPublic, Table):
    form = StatedRecordForm

    def before_import(self, dataset, **kwargs):
        super().before_import(dataset, **kwargs)
        # Of the records that are there: two rows of one name in a file are told apart by their slugs.
        self.form_class.index = name_index(self.model)
        keys = [self.typed_text(cell, self.key) for cell in dataset[self.key]]
        self.form_class.moved = moved_from(self.model, keys)

    def check_rights(self, instance):
        super().check_rights(instance)
        # Under the rule whoever brings a record in is its author, and another person publishes it.
        needs_second_person = settings.TWO_PERSON_RULE and instance.state in UNSEEN
        if needs_second_person or not self.model_admin.has_publish_permission(self.request):
            state = self.bound.fields["state"]
            state.choices = [(value, label) for value, label in state.choices if value in UNSEEN]
            state.error_messages["invalid_choice"] = "You may not publish: write draft or review."


# What records of every kind begin and end with.
NAMES, PROSE = ("slug", "name", "name_zh"), ("summary", "body", "sources")
PUBLICATION = ("state", "published_at", "withdraw_at", "withdrawal_reason")


class CompanyTable(RecordTable):
    class Meta:
        model = Company
        fields = (
            *NAMES,
            *("legal_name", "other_names"),
            *PROSE,
            *("founded", "hub_link", "place", "headquarters_city", "size_band", "ownership", "ticker"),
            *("exchange", "parent", "website", "open_source", "sectors"),
            *PUBLICATION,
        )


class BreakthroughTable(RecordTable):
    class Meta:
        model = Breakthrough
        fields = (*NAMES, *PROSE, "kind", "date", "companies", "institutions", "sectors", *PUBLICATION)


class SourceTable(Table):
    form = SourceForm

    class Meta:
        model = Source
        fields = ("key", "url", "title", "publisher", "origin", "published", "language", "kind", "note")
        fields += ("archive_url",)


class StatementTable(KeepsPublic, Table):
    form = StatementForm

    class Meta:
        model = Statement
        fields = ("reference", *Statement.SUBJECTS, "kind", "key", "label", "text", "value", "unit", "date")
        fields += ("actor", "status", "sources", "note", "position", "draft")

    def defaults(self):
        """A new statement gets the status that its sources allow, and stands last."""
        return super().defaults() | {"status": "", "position": ""}

    def records_of(self, row):
        return [row.subject]

    def records_named(self):
        loaded = [self.form_class.base_fields[name].loaded.values() for name in Statement.SUBJECTS]
        return [record for records in loaded for record in records]
