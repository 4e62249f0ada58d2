"""Counts of rows by what tells them apart, for facets and charts, in as few passes as it takes."""

from collections import Counter, defaultdict

from django.db.models import CharField, Count, Value


def count_rows(queryset, name, option):
    """One row (facet, option, n) for each value of the expression `option`."""
    constant = Value(name, output_field=CharField())
    rows = queryset.order_by().annotate(facet=constant, option=option).values("facet", "option")
    return rows.annotate(n=Count("pk", distinct=True))


def counted(rows):
    """{facet: {option: n}} of the rows of `count_rows`."""
    found = defaultdict(Counter)
    for row in rows:
        found[row["facet"]][row["option"]] += row["n"]
    return found


def cross_tabulated(queryset, expressions):
    """(total, {name: {value: n}}) of {name: expression}, where no expression multiplies rows: in one pass.

    All combinations of values are counted and added up here, for a pass over the rows costs far more than
    the few hundred combinations that there are.
    """
    columns = {f"by_{name}": expression for name, expression in expressions.items()}
    rows = queryset.order_by().annotate(by_nothing=Value(""), **columns).values("by_nothing", *columns)
    total, found = 0, {name: Counter() for name in expressions}
    for row in united([rows.annotate(n=Count("pk"))]):
        total += row["n"]
        for name in expressions:
            found[name][row[f"by_{name}"]] += row["n"]
    return total, found


def united(querysets):
    """One query of several. What is itself made of several querysets gives all of its arms."""
    first, *others = [arm for queryset in querysets for arm in getattr(queryset, "arms", [queryset])]
    # From Django 6.1 a union takes the models' default order along, for which its columns have no name.
    return first.union(*others, all=True).order_by() if others else first
