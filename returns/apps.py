from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "returns"

    def ready(self) -> None:
        from orders.operations import endings, payout_holds, withheld
        from orders.queries import extras
        from orders.queries import today as orders_today
        from returns import subscribers  # noqa: F401 -- registers what this app reacts to
        from returns.operations import ending
        from returns.queries import holds, on_order_page, today

        withheld.register("returns", holds.withdrawn_before_sending)
        endings.register("returns", ending)
        payout_holds.register("returns", holds.holds)
        extras.register("returns", on_order_page.extras_of)
        orders_today.register("returns", today.needs_of)
