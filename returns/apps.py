from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "returns"

    def ready(self) -> None:
        from returns import subscribers  # noqa: F401 -- registers what this app reacts to
