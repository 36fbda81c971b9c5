from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "returns"

    def ready(self) -> None:
        from orders.operations import payout_holds, withheld
        from orders.queries import extras
        from returns import subscribers  # noqa: F401 -- registers what this app reacts to
        from returns.queries import claims, exchanges, holds, order_page

        withheld.register("returns", holds.withdrawn_before_sending)
        payout_holds.register("returns", holds.holds)
        extras.register("returns", order_page.extras_of)
        extras.register("claims", claims.extras_of)
        extras.register("exchanges", exchanges.extras_of)
