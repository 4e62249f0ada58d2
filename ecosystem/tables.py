"""Rows of tables: plain rows without their text, and of statements no more than a table counts and cites.

A file of all records has three times as many statements, each with sources of its own. Loading none of them
as an object saves a third of its time.
"""

from ecosystem.models import Source, Statement
from ecosystem.plain import HOLE, Plan, Prepared, compiled, in_order

UNTOLD = ("body", "state", "withdraw_at", "withdrawal_reason")


def table(model):
    """The Table of a kind of records."""
    return compiled(Table, model)


class Table(Plan):
    def __init__(self, model):
        rows = model.objects.published().for_listing().defer(*UNTOLD).prefetch_related("previous_slugs")
        super().__init__(rows.order_by())
        cited_by = model._meta.get_field("sources").remote_field.name
        prose = in_order(Source.objects.filter(**{f"{cited_by}__in": [HOLE]}), f"{cited_by}__pk")
        self.prose = Prepared(prose.values_list(cited_by, "url"))
        about = model._meta.get_field("statements").field.attname
        stated = in_order(Statement.objects.shown().filter(**{f"{about}__in": [HOLE]}), about)
        sources = (f"sources__{name}" for name in Source._meta.ordering)
        stated = stated.order_by(*stated.query.order_by, *sources)
        self.stated = Prepared(stated.values_list(about, "pk", "status", "sources__url"))
        self.relations.append(self.state)

    def state(self, rows):
        """Give rows the statuses of their statements, and the addresses that they cite."""
        by_key, last = {}, None
        for row in rows:
            row.statuses, row.cited, by_key[row.pk] = [], {}, row
        for key, address in self.prose.ask(by_key):
            by_key[key].cited[address] = None
        for key, statement, status, address in self.stated.ask(by_key):
            row = by_key[key]
            # A statement comes as often as it has sources, and once if it has none.
            if statement != last:
                row.statuses.append(status)
                last = statement
            if address is not None:
                row.cited[address] = None
