"""News of the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListingChanged:
    """Listings changed in something a page may show or a duty may ask for; already judged and refreshed."""

    listing_ids: tuple[int, ...]
    merchant_id: int
    reason: str  # created, edited, published, archived, price, stock, media, documents, imported


@dataclass(frozen=True, slots=True)
class AvailabilityChanged:
    """Variants sold out or came back; lists show it once the news is delivered."""

    variant_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PriceChanged:
    """A price was recorded in the price history."""

    variant_id: int
    currency: str
    price_minor: int | None
    kind: str  # regular, reduced


@dataclass(frozen=True, slots=True)
class ShippingChanged:
    """A merchant ships elsewhere, or for another price."""

    merchant_id: int


@dataclass(frozen=True, slots=True)
class BrandChanged:
    """The record of brands changed, or one of their certificates ended; their listings are to be judged."""

    brand_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CertificateExpires:
    """A certificate ends in so many days, or has ended (less than none)."""

    certificate_id: int
    days_left: int
    expires_on: str  # the day it was announced for


@dataclass(frozen=True, slots=True)
class ContentModerated:
    """A person decided about a review, a question or an answer; whoever wrote and reported it is owed the reasons."""

    subject: str
    moderation: int
    reports: tuple[int, ...]  # those that it settled


@dataclass(frozen=True, slots=True)
class ReviewSaid:
    """A review was written, changed or taken back."""

    review: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ReviewAnswered:
    """A merchant answered a review."""

    review: str


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A question was asked. A guest's is not shown until its address is confirmed."""

    question: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class VoiceGathered:
    """A merchant is to read of reviews and questions about its goods."""

    merchant_id: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """Somebody answered a question."""

    answer: str
