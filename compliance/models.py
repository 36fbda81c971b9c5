"""The tables of every wing, so that Django finds them."""

from compliance.checks.models import CheckRun, Clearance, Finding, Judgement

__all__ = ["CheckRun", "Clearance", "Finding", "Judgement"]
