"""The status words: what each means, and which one the sources of a statement allow."""

from dataclasses import dataclass

from ecosystem.models import Breakthrough, Company, Institution, Source, Statement
from ecosystem.normal import normal_name

Status = Statement.Status

# In the words of /method/, the editors' help and the dataset.
DEFINITIONS = {
    Status.CORROBORATED: "Two or more sources that do not depend on each other agree.",
    Status.REPORTED: "One independent source says so; or several that repeat one text.",
    Status.SELF_REPORTED: "Only the subject or its partners say so.",
    Status.DISPUTED: "Credible sources differ. The rival values stand side by side; "
    "none is chosen in silence.",
    Status.UNSUPPORTED: "We looked: no source supports it, or sources contradict it. "
    "It never counts as true.",
}
# From weak to strong. The other two say that a statement does not hold, which any sources may show.
STRENGTH = (Status.SELF_REPORTED, Status.REPORTED, Status.CORROBORATED)
# Sources in which a firm speaks, also where it does so under a part of its name.
OWN_KINDS = (Source.Kind.COMPANY, Source.Kind.FILING)


@dataclass(frozen=True)
class Allowed:
    """The strongest status that sources allow (None without sources), and the reason as a sentence."""

    status: str | None
    why: str

    @property
    def sentence(self):
        return f"These sources allow “{Status(self.status).label}”. {self.why}" if self.status else self.why

    def permits(self, status):
        """Whether a statement may carry the status: this one, a weaker one, or one that says it fails."""
        if status not in STRENGTH or self.status is None:
            return True
        return STRENGTH.index(status) <= STRENGTH.index(self.status)


def parties(subject):
    """The records whose word is no independent source about the subject: itself, its owner, its makers."""
    if isinstance(subject, Company):
        return [subject, *filter(None, [subject.parent])]
    if isinstance(subject, Breakthrough):
        return subject.makers
    return [subject] if isinstance(subject, Institution) else []


def names_of(record):
    """Every name of a record, normalised."""
    names = [record.name, *getattr(record, "names", [record.name_zh])]
    return {normal_name(name) for name in names if name}


def own_names(subjects, kind="", actor=""):
    """The normalised names under which these records speak, and who responds where that is what is stated."""
    names = set().union(*map(names_of, subjects))
    return names | {normal_name(actor)} - {""} if kind == Statement.Kind.RESPONSE else names


def speaks_for(source, names):
    """Whether the text comes from somebody of these names, or from a house that is named after them."""
    origin = normal_name(source.origin)
    if any(f"{origin} ".startswith(f"{name} ") for name in names):
        return True
    return source.kind in OWN_KINDS and any(name.startswith(f"{origin} ") for name in names)


def allowed(sources, names):
    """What sources allow to be said of somebody who goes by these normalised names. Returns Allowed.

    The rule: two original publishers, one of them independent, corroborate; one independent reports; the
    subject and its partners only report of themselves. Copies of one text are one source.
    """
    origins = {normal_name(source.origin): source for source in sources}
    listed = ", ".join(sorted(source.origin for source in origins.values()))
    if not origins:
        return Allowed(None, "No source yet.")
    if all(speaks_for(source, names) for source in origins.values()):
        return Allowed(Status.SELF_REPORTED, f"Only the subject or its partners say so ({listed}).")
    if len(origins) > 1:
        return Allowed(Status.CORROBORATED, f"{len(origins)} original publishers ({listed}).")
    return Allowed(Status.REPORTED, f"One original publisher ({listed}).")


def allowed_to(statement):
    """What the sources of a saved statement allow. Its record and its sources should be loaded."""
    names = own_names(parties(statement.subject), statement.kind, statement.actor)
    return allowed(statement.sources.all(), names)


def problems(status, found, note="", has_rival=False):
    """What speaks against a status, as (field, sentence). `found` is what allowed() said of the sources."""
    if not found.permits(status):
        words, most = Status(status).label.lower(), Status(found.status).label.lower()
        yield "status", f"These sources allow “{most}” at most, not “{words}”: {found.why}"
    if status == Status.DISPUTED and not (note or has_rival):
        yield "note", "Say who differs, or add the rival value as a statement with the same key."
    if status == Status.UNSUPPORTED and not note:
        yield "note", "Say what was looked for, and what the sources say instead."
