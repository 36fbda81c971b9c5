"""Options and variants: a variant is one value for each option, and no two variants are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product

from catalog.domain.errors import BadOptions

MAX_OPTIONS = 5
MAX_VARIANTS = 500


def matrix(values: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return every combination of the options' values, the last option turning fastest."""
    return list(product(*values))


def check_options(names: Sequence[str], variants: Sequence[Sequence[str]]) -> None:
    """Refuse variants that do not say exactly one value for each option, or say the same twice.

    :raises BadOptions: naming the variant by its position.
    """
    if len(names) > MAX_OPTIONS or len(set(names)) != len(names):
        raise BadOptions(
            "A listing has at most %(most)s options, each with a name of its own.",
            field="option_names",
            most=MAX_OPTIONS,
        )
    if not 1 <= len(variants) <= MAX_VARIANTS:
        raise BadOptions(
            "A listing has between 1 and %(most)s variants.", field="variants", most=MAX_VARIANTS
        )
    for position, values in enumerate(variants):
        if len(values) != len(names) or not all(values):
            raise BadOptions(
                "Variant %(nth)s needs a value for each option.",
                field="variants",
                position=position,
                nth=position + 1,
            )
    twice = [list(values) for values, count in Counter(map(tuple, variants)).items() if count > 1]
    if twice:
        raise BadOptions("Two variants have the same options.", field="variants", options=twice[0])
