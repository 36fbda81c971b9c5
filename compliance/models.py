"""The tables of every wing, so that Django finds them."""

from compliance.checks.models import CheckRun, Finding, Judgement, LawReading, Profile, ProfiledLaw
from compliance.edition.models import RuleChange
from compliance.enforcement.models import Appeal, Exemption, Measure, Suspension
from compliance.radar.models import RadarDay
from compliance.simulator.models import Effect, LawNotice, SalesShare, Simulation

__all__ = [
    "Appeal",
    "CheckRun",
    "Effect",
    "Exemption",
    "Finding",
    "Judgement",
    "LawNotice",
    "LawReading",
    "Measure",
    "Profile",
    "ProfiledLaw",
    "RadarDay",
    "RuleChange",
    "SalesShare",
    "Simulation",
    "Suspension",
]
