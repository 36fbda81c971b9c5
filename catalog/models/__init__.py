"""Tables of the catalogue. Amounts are BIGINT minor units beside a currency.

Whether an offer's price contains the merchant's home tax is said by `Merchant.prices_include_tax`.
"""

from catalog.models.imports import ImportPicture, ImportRow, ImportRun
from catalog.models.listings import Declaration, Listing, ListingText, Variant
from catalog.models.media import Document, Media
from catalog.models.prices import ExchangeRate, Offer, PlannedReduction, PriceRecord, ShippingRate
from catalog.models.search import Generation, ListingIndex, ListingWords, MarketNumber, SearchWord
from catalog.models.stock import Stock, StockMovement, StockReservation
from catalog.models.taxonomy import Brand, BrandCertificate, Category
from catalog.models.voice import (
    Answer,
    Moderation,
    Question,
    Report,
    Review,
    ReviewInvitation,
    ReviewPhoto,
    ReviewVersion,
    VoiceNews,
)
from catalog.models.wishes import WishItem

__all__ = [
    "Answer",
    "Brand",
    "BrandCertificate",
    "Category",
    "Declaration",
    "Document",
    "ExchangeRate",
    "Generation",
    "ImportPicture",
    "ImportRow",
    "ImportRun",
    "Listing",
    "ListingIndex",
    "ListingText",
    "ListingWords",
    "MarketNumber",
    "Media",
    "Moderation",
    "Offer",
    "PlannedReduction",
    "PriceRecord",
    "Question",
    "Report",
    "Review",
    "ReviewInvitation",
    "ReviewPhoto",
    "ReviewVersion",
    "SearchWord",
    "ShippingRate",
    "Stock",
    "StockMovement",
    "StockReservation",
    "Variant",
    "VoiceNews",
    "WishItem",
]
