"""Finding records by their words, for the lists' `q`."""

from django.db.models import Q

# What is searched in a model; what is named here exists in the model.
SEARCHED = {
    "Company": ("name", "name_zh", "legal_name", "other_names", "ticker", "summary", "body"),
    "Sector": ("name", "name_zh", "definition"),
    "Place": ("name", "name_zh", "definition"),
    "Source": ("title", "publisher", "origin", "url"),
}
RECORD = ("name", "name_zh", "summary", "body")


def matching(queryset, text):
    """Keep the rows that hold every word of `text` somewhere, in any case; no words keep all."""
    fields = SEARCHED.get(queryset.model.__name__, RECORD)
    for word in text.split():
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        queryset = queryset.filter(anywhere)
    return queryset
