from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from compliance.checks.registry import register_describer
        from compliance.checks.subjects import register_records
        from orders import subscribers  # noqa: F401 -- registers what this app reacts to
        from orders.queries import subject_facts as facts

        register_records(facts.ORDER, records_of_many=facts.order_records, all_ids=facts.order_ids_after)
        register_records(
            facts.SHIPMENT, records_of_many=facts.shipment_records, all_ids=facts.shipment_ids_after
        )
        register_describer(facts.ORDER, facts.describe_orders)
        register_describer(facts.SHIPMENT, facts.describe_shipments)
