"""News of the accounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MerchantChanged:
    """A merchant's identity, status or promises changed; its listings must be judged again."""

    merchant_id: int
    public_id: str
