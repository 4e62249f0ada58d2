"""Content as its checks read it: all at once, in a number of queries that does not grow with the rows."""

from functools import cached_property

from ecosystem.models import RECORDS, Company, Place, Sector, Source, Statement

# Relations in which a record names others.
NAMED = ("companies", "institutions")
PAGES = {model._meta.model_name: model for model in (*RECORDS, Sector, Place, Source)}


def with_all(rows):
    """Records with what publication shows of them: no statement that is held back."""
    named = [name for name in NAMED if hasattr(rows.model, name)]
    rows = rows.with_statements().prefetch_related("sources", *named)
    return rows.select_related("parent") if rows.model is Company else rows


class Content:
    """What readers see today."""

    def __init__(self):
        self.places = Place.objects.in_bulk()
        for place in self.places.values():
            place.parent = self.places.get(place.parent_id)
        self.records = self.read()
        self.companies = [record for record in self.records if isinstance(record, Company)]
        for company in self.companies:
            company.place = self.places.get(company.place_id)
        self.statements = [statement for record in self.records for statement in record.statements.all()]

    def read(self):
        return [record for model in RECORDS for record in with_all(model.objects.published())]

    @cached_property
    def sources(self):
        return list(Source.objects.all())

    @cached_property
    def vocabulary(self):
        return [*Sector.objects.all(), *self.places.values()]

    @cached_property
    def addresses(self):
        rows = [*self.records, *self.vocabulary, *Source.objects.published()]
        return {(row._meta.model_name, *row.natural_key()) for row in rows}

    @cached_property
    def references(self):
        return {statement.reference for statement in self.statements}

    def answers(self, noun, key):
        """Whether readers find the page of this row."""
        return (noun, key) in self.addresses

    def has_statement(self, reference):
        return reference in self.references

    def shows_one_of(self, rows):
        """Whether readers see at least one of these records."""
        return not set(rows).isdisjoint(self.records)

    @cached_property
    def prose(self):
        """Every text in which links may stand: [(row, field, text)]."""
        bodies = [(record, "body", record.body) for record in self.records]
        return bodies + [(statement, "note", statement.note) for statement in self.statements]


class Candidates(Content):
    """Records of one kind as their publication would show them. Sources and vocabularies are left aside."""

    sources = vocabulary = ()

    def __init__(self, rows):
        self.rows = rows
        super().__init__()

    def read(self):
        return list(with_all(self.rows))

    def answers(self, noun, key):
        if any((record._meta.model_name, record.slug) == (noun, key) for record in self.records):
            return True
        model = PAGES.get(noun)
        return model and model.objects.published().filter(**{model.natural_key_field: key}).exists()

    def has_statement(self, reference):
        is_own = super().has_statement(reference)
        return is_own or Statement.objects.published().filter(reference=reference).exists()

    def shows_one_of(self, rows):
        keys = [row.pk for row in rows]
        return type(rows[0]).objects.published().filter(pk__in=keys).exists()
