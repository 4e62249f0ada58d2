"""Reports from readers: the form, what it takes from robots, and for how long what is known of a sender."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django import forms
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ecosystem.fields import LinesField
from ecosystem.models import Correction, Sender, Statement
from ecosystem.models.evidence import SUBJECTS
from ecosystem.querysets import published

# So many reports a network may send in a day.
MOST_REPORTS = 10
# What one household or office has: an address of IPv4, a /64 of IPv6.
PREFIXES = {4: 32, 6: 64}


def subject(record, reference=""):
    """(The public record, its public statement or None) behind `company/unitree` and a statement's reference.

    None where readers see no such record, or no such statement on its page.
    """
    kind, _, slug = record.partition("/")
    found = published(kind).filter(slug=slug).first() if kind in SUBJECTS else None
    if found is None or not reference:
        return found and (found, None)
    said = Statement.objects.published().filter(reference=reference, **{kind: found}).first()
    return said and (found, said)


def network_of(address):
    """The network of an address, as text."""
    address = ip_address(address.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((address, PREFIXES[address.version]), strict=False))


def may_send(address):
    """Count a report from this address; whether it is within what its network may send today.

    Kept are the day's counters alone, under a hash whose key is another one tomorrow.
    """
    day = timezone.localdate()
    network = salted_hmac(f"correction sender {day}", network_of(address), algorithm="sha256").hexdigest()
    forget_senders()
    with transaction.atomic():
        sender, _ = Sender.objects.get_or_create(day=day, network=network)
        # One statement, so that two processes at once cannot both take the last place.
        within = Sender.objects.filter(pk=sender.pk, reports__lt=MOST_REPORTS)
        return within.update(reports=F("reports") + 1) == 1


def forget_senders():
    """Delete the counters of past days."""
    Sender.objects.filter(day__lt=timezone.localdate()).delete()


def purge_contacts(days=Correction.CONTACT_DAYS):
    """Delete the contacts of reports that came in longer ago, and past senders. Returns how many contacts."""
    forget_senders()
    old = Correction.objects.with_old_contact(before=timezone.now() - timedelta(days=days))
    return old.update(contact="")


class ReportForm(forms.ModelForm):
    """What a reader says is wrong."""

    required_css_class = "required"
    # No person sees this field. What fills it in is a robot.
    homepage = forms.CharField(required=False, label="Leave this empty")

    class Meta:
        model = Correction
        fields = ["wrong", "right", "evidence", "contact"]
        field_classes = {"wrong": LinesField, "right": LinesField, "evidence": LinesField}
        labels = {
            "wrong": "What is wrong?",
            "right": "What is right?",
            "evidence": "Where does it say so?",
            "contact": "How can we reach you?",
        }
        help_texts = {
            "evidence": "The address of a page, or the name of a document. Without one we look for it.",
            "contact": "An e-mail address, if we may ask you back. Only editors see it. We delete it "
            f"{Correction.CONTACT_DAYS} days after your report came in, or at once if you ask.",
        }
        error_messages = {"wrong": {"required": "Say what is wrong, in a few words."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in (("wrong", 4), ("right", 4), ("evidence", 2)):
            self.fields[name].widget.attrs.update(rows=rows)
        self.fields["contact"].widget.attrs["autocomplete"] = "email"
        self.fields["homepage"].widget.attrs.update(autocomplete="off", tabindex="-1")

    @property
    def is_from_robot(self):
        return bool(self.cleaned_data["homepage"])

    @property
    def shown(self):
        """The fields that a person fills in."""
        return [field for field in self if field.name != "homepage"]

    def report(self, record, statement):
        """Store the report about this record, and the statement if there is one; sent twice, it is one."""
        about = {"kind": record._meta.model_name, "object_id": record.pk, "statement": statement}
        said = {name: self.cleaned_data[name] for name in self._meta.fields}
        report, _ = Correction.objects.get_or_create(state=Correction.State.OPEN, **about, **said)
        return report
