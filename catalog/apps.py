from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog import subscribers  # noqa: F401 -- registers what this app reacts to
        from catalog.importing import subscribers as _importing  # noqa: F401 -- files are taken in by a worker
        from catalog.operations.reading import take_judgements
        from catalog.queries.facts import (
            SUBJECT,
            describe_by_public_id,
            facts_by_public_id,
            listed_public_ids,
            peek_by_public_id,
            public_ids_after,
        )
        from catalog.queries.merchants_described import describe_merchants
        from catalog.queries.offers_described import describe_offers
        from catalog.queries.review_facts import REVIEW, describe_reviews, review_ids_after, review_records
        from catalog.queries.seller_facts import (
            MERCHANT,
            OFFER,
            merchant_ids_after,
            merchant_records,
            offer_ids_after,
            offer_records,
        )
        from compliance.checks.registry import register_describer, register_subject
        from compliance.checks.subjects import register_records

        register_subject(
            SUBJECT,
            facts_of_many=facts_by_public_id,
            all_ids=public_ids_after,
            listed=listed_public_ids,
            on_judged=take_judgements,
            peek_many=peek_by_public_id,
        )
        register_describer(SUBJECT, describe_by_public_id)
        register_describer(MERCHANT, describe_merchants)
        register_describer(OFFER, describe_offers)
        register_describer(REVIEW, describe_reviews)
        register_records(REVIEW, records_of_many=review_records, all_ids=review_ids_after)
        register_records(MERCHANT, records_of_many=merchant_records, all_ids=merchant_ids_after)
        register_records(OFFER, records_of_many=offer_records, all_ids=offer_ids_after)
