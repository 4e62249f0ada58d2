"""Records, the statements about them, and the sources that statements rest on."""

from ecosystem.models.breakthrough import Breakthrough
from ecosystem.models.challenge import Challenge
from ecosystem.models.change import Change
from ecosystem.models.collection import Collection
from ecosystem.models.company import Company
from ecosystem.models.correction import Correction, Sender
from ecosystem.models.evidence import Statement
from ecosystem.models.factor import Factor
from ecosystem.models.hub import Hub
from ecosystem.models.index import SearchEntry
from ecosystem.models.institution import Institution
from ecosystem.models.opening import Opening
from ecosystem.models.previous_slug import PreviousSlug
from ecosystem.models.revocation import Revocation
from ecosystem.models.source import Source
from ecosystem.models.taxonomy import Place, Sector

# Every model with a publication state, in the order in which pages name them.
RECORDS = (Company, Breakthrough, Challenge, Factor, Institution, Collection, Hub)

__all__ = [
    "RECORDS",
    "Breakthrough",
    "Challenge",
    "Change",
    "Collection",
    "Company",
    "Correction",
    "Factor",
    "Hub",
    "Institution",
    "Opening",
    "Place",
    "PreviousSlug",
    "Revocation",
    "SearchEntry",
    "Sector",
    "Sender",
    "Source",
    "Statement",
]
