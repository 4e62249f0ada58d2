"""Adding what is there already: found by any of its names, shown, and added only on second thought."""

from collections import defaultdict

from django import forms
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ecosystem.normal import normal_name

# A record has some of these; the last holds one name a line.
NAMES = ("name", "name_zh", "legal_name", "other_names")


def name_fields(model):
    return [field.name for field in model._meta.fields if field.name in NAMES]


def normal_names(text):
    return {normal_name(line) for line in (text or "").splitlines()} - {""}


def name_index(model):
    """{normal name: {(key, name)} of the records that go by it}, in one query."""
    index, fields = defaultdict(set), name_fields(model)
    for pk, *names in model.objects.order_by().values_list("pk", *fields):
        for name in set().union(*map(normal_names, names)):
            index[name].add((pk, names[0]))
    return index


class NamesakeForm(forms.ModelForm):
    """Shows the namesakes of a new record, and takes it only if an editor says that it is another one."""

    is_distinct = forms.BooleanField(
        required=False,
        label="It is another one",
        help_text="Tick this if the record has a namesake and is not the same.",
        widget=forms.HiddenInput,
    )
    # What name_index() says, where somebody has asked already.
    index = None

    def clean(self):
        cleaned = super().clean()
        if not self.instance.pk and not cleaned.get("is_distinct"):
            self.check_names(cleaned)
        return cleaned

    def check_names(self, cleaned):
        model = self._meta.model
        index = name_index(model) if self.index is None else self.index
        for field in name_fields(model):
            found = {twin for name in normal_names(cleaned.get(field)) for twin in index.get(name, ())}
            if found and field in self.fields:
                self.add_error(field, self.sentence(found))
                self.fields["is_distinct"].widget = forms.CheckboxInput()

    def sentence(self, found):
        page = f"admin:ecosystem_{self._meta.model._meta.model_name}_change"
        links = format_html_join(
            ", ", '<a href="{}">{}</a>', ((reverse(page, args=[pk]), name) for pk, name in sorted(found))
        )
        advice = "If this is another one, tick the box below the names."
        return format_html("This name is here already: {}. {}", links, advice)
