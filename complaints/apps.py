from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"

    def ready(self) -> None:
        from complaints import subscribers  # noqa: F401 -- registers what this app reacts to
        from complaints.queries.sweeps import read_health
        from marketplace.kernel.health import look_at

        look_at("complaint_clocks", read_health)
