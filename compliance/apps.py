from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"

    def ready(self) -> None:
        from compliance import subscribers  # noqa: F401 -- registers what this app reacts to
