from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders import subscribers  # noqa: F401 -- registers what this app reacts to
