from django.apps import AppConfig
from django.conf import settings


class KernelConfig(AppConfig):
    name = "marketplace.kernel"
    label = "kernel"
    verbose_name = "Engine room"

    def ready(self) -> None:
        from marketplace.kernel import labels, logs

        labels.translate_labels()
        logs.configure(settings.LOG_FORMAT, settings.LOG_LEVEL)
