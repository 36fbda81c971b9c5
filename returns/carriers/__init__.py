"""Who carries returns. One door: `carrier(code)`; each is a `protocol.Carrier`."""

from __future__ import annotations

from returns.carriers.offline import OfflineCarrier
from returns.carriers.protocol import Booked, Carrier, Scan

CARRIERS: dict[str, Carrier] = {OfflineCarrier.code: OfflineCarrier()}
DEFAULT = OfflineCarrier.code

__all__ = ["CARRIERS", "DEFAULT", "Booked", "Carrier", "Scan", "carrier"]


def carrier(code: str) -> Carrier:
    """Return a carrier by its code. Raises KeyError for one that we do not work with."""
    return CARRIERS[code]
