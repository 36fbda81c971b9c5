from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"

    def ready(self) -> None:
        from complaints import subscribers  # noqa: F401 -- registers what this app reacts to
