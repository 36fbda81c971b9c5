from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog import subscribers  # noqa: F401 -- registers what this app reacts to
