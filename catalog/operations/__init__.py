"""Everything that changes the catalogue. Keyword-only, atomic, locked in one order, announced as events."""

from catalog.operations.declarations import declare, statements, take_back_declaration
from catalog.operations.listings import (
    archive_listing,
    create_listing,
    publish_listing,
    set_variants,
    update_listing,
)
from catalog.operations.media import add_media, add_prepared_media, remove_media, update_media
from catalog.operations.moderation import decide, report_content
from catalog.operations.papers import Upload, remove_document, set_document
from catalog.operations.prices import (
    announce_reduction,
    end_due_reductions,
    end_reduction,
    set_price,
    withdraw_price,
)
from catalog.operations.questions import answer_question, ask_question, confirm_question
from catalog.operations.rates import load_rates
from catalog.operations.reading import (
    judge_listings,
    learn_words,
    refresh_listings,
    settle_listings,
    sum_generations,
)
from catalog.operations.reductions import call_off_reduction, reduce_price, refuse_unlawful, turn_reductions
from catalog.operations.reviews import (
    ReceivedLine,
    Said,
    edit_review,
    invite_reviewers,
    mark_sent_back,
    reply_to_review,
    withdraw_review,
    write_review,
)
from catalog.operations.saving import Saved, save_listings
from catalog.operations.shipping import remove_shipping_rates, save_shipping_rates, set_shipping_rates
from catalog.operations.stock import (
    adjust_stock,
    extend_reservations,
    release_expired,
    release_reservations,
    reserve_stock,
    set_stock,
    take_reservation,
)
from catalog.operations.taxonomy import ensure_brands, ensure_categories
from catalog.operations.wishes import add_wish, merge_wishes, remove_wish

__all__ = [
    "ReceivedLine",
    "Said",
    "Saved",
    "Upload",
    "add_media",
    "add_prepared_media",
    "add_wish",
    "adjust_stock",
    "announce_reduction",
    "answer_question",
    "archive_listing",
    "ask_question",
    "call_off_reduction",
    "confirm_question",
    "create_listing",
    "decide",
    "declare",
    "edit_review",
    "end_due_reductions",
    "end_reduction",
    "ensure_brands",
    "ensure_categories",
    "extend_reservations",
    "invite_reviewers",
    "judge_listings",
    "learn_words",
    "load_rates",
    "mark_sent_back",
    "merge_wishes",
    "publish_listing",
    "reduce_price",
    "refresh_listings",
    "refuse_unlawful",
    "release_expired",
    "release_reservations",
    "remove_document",
    "remove_media",
    "remove_shipping_rates",
    "remove_wish",
    "reply_to_review",
    "report_content",
    "reserve_stock",
    "save_listings",
    "save_shipping_rates",
    "set_document",
    "set_price",
    "set_shipping_rates",
    "set_stock",
    "set_variants",
    "settle_listings",
    "statements",
    "sum_generations",
    "take_back_declaration",
    "take_reservation",
    "turn_reductions",
    "update_brand",
    "update_listing",
    "update_media",
    "withdraw_price",
    "withdraw_review",
    "write_review",
]
