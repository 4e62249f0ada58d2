"""Buttons that move a record on, inside its form. What readers are going to see is checked first."""

from collections import defaultdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.text import capfirst

from ecosystem.content_checks import faults
from ecosystem.models.record import Record
from ecosystem.roles import UNSEEN
from ecosystem.workflow import NOT_SAID, SECOND_PERSON, STEPS, needs_second_person, steps_of

# The name of the buttons.
STEP = "_step"


class RefusedError(Exception):
    """What the form asks for is not to be: {prefix of a form: {field: sentences}}. Undoes the transaction."""

    def __init__(self, found):
        super().__init__(found)
        self.found = found


def refuse(words):
    raise RefusedError({None: {None: [words]}})


def faults_of(record):
    """{what identifies a fault: the fault} of a record as the database has it."""
    found = faults(type(record).objects.filter(pk=record.pk)).get(record.pk, ())
    return {(type(fault.row), fault.row.pk, fault.field, fault.what): fault for fault in found}


def sentence_of(fault):
    """A fault in words where there is no field beside which it could stand."""
    words = fault.what.rstrip(".")
    return f"{fault.row}: {fault.field} {words}." if fault.field else f"{fault.row}: {words}."


def by_form(found, record, formsets):
    """Faults as RefusedError takes them: each under the form and the field where it can be mended."""
    forms = {row.instance.pk: row for formset in formsets for row in formset.forms if row.instance.pk}
    sentences = defaultdict(lambda: defaultdict(list))
    for fault in found:
        form = None if fault.row == record else forms.get(fault.row.pk)
        sentences[form and form.prefix][fault.field].append(f"{capfirst(fault.what.rstrip('.'))}.")
    return sentences


class PublicationSteps:
    """A record's form with a button for each step. Saving keeps the state."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except RefusedError as refused:
            # Once more, with all that was typed: the forms say now what is wrong with it.
            request.faults = refused.found
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.faults = getattr(request, "faults", {})
        return form

    def step_in(self, request):
        return STEPS.get(request.POST.get(STEP))

    def save_model(self, request, obj, form, change):
        """Take the step with the save; `standing` is that before the form."""
        step = self.step_in(request)
        form.faults_before = faults_of(obj) if change and obj.state not in UNSEEN and not step else {}
        if step:
            if step not in steps_of(request.user, form.before):
                raise PermissionDenied
            if step.target == Record.State.WITHDRAWN:
                raise PermissionDenied("A withdrawal has a page of its own, which asks for the reason.")
            step.take(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        record, step = form.instance, self.step_in(request)
        if step and record.state == Record.State.PUBLISHED:
            self.ask_second_person(request.user, record, form, formsets)
        if record.state == Record.State.PUBLISHED:
            found = faults_of(record)
            new = [fault for key, fault in found.items() if key not in form.faults_before]
            if new:
                raise RefusedError(by_form(new, record, formsets))
        if step:
            self.message_user(request, f"{record}: {record.standing.label.lower()}.", messages.INFO)

    def ask_second_person(self, user, record, form, formsets):
        edited = set(form.changed_data) - NOT_SAID or any(formset.has_changed() for formset in formsets)
        if needs_second_person(user, record, has_edited=edited):
            refuse(SECOND_PERSON)

    def construct_change_message(self, request, form, formsets, add=False):
        message = super().construct_change_message(request, form, formsets, add)
        if step := self.step_in(request):
            message.append({"changed": {"fields": [f"state ({step.label.lower()})"]}})
        return message

    def render_change_form(self, request, context, obj=None, **kwargs):
        """Tell the template which steps there are."""
        record = obj or self.model()
        steps = steps_of(request.user, record)
        if obj and STEPS["publish"] in steps and needs_second_person(request.user, obj):
            steps.remove(STEPS["publish"])
            context["second_person"] = SECOND_PERSON
        context["steps"], context["is_draft"] = steps, record.standing == Record.Standing.DRAFT
        if obj and record.standing != Record.Standing.PUBLISHED:
            context["preview_address"] = reverse("preview", args=[self.opts.model_name, obj.pk])
        context["show_save_and_add_another"] = False
        # What was public is withdrawn: a deletion would be refused.
        context["show_delete"] = not record.published_at
        return super().render_change_form(request, context, obj=obj, **kwargs)


def complaints(context):
    """(address on the page, what it is about, sentence) of every error of the form and of its rows."""
    form = context["adminform"].form
    yield from complaints_of(form, "", "")
    for inline in context["inline_admin_formsets"]:
        yield from (("#statements-group", "Statements", words) for words in inline.formset.non_form_errors())
        for row in (row for row in inline.formset.forms if not row.is_deleted):
            yield from complaints_of(row, f"#{row.prefix}", row.instance.label or "New statement")


def complaints_of(form, address, about):
    for name, sentences in form.errors.items():
        field = form[name] if name in form.fields else None
        where = f"#{field.id_for_label or f'{field.auto_id}_0'}" if field else address
        subject = ": ".join(filter(None, [about, field and field.label]))
        yield from ((where, subject, sentence) for sentence in sentences)
