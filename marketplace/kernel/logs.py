"""Structured logs: one event a line, with the request's id; JSON in production, colours in a terminal."""

import logging
import logging.config

import structlog

SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "card", "email", "phone", "address")


def hide_secrets(_: object, __: str, event: dict) -> dict:
    """Replace values whose name says that they are nobody's business."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "[hidden]"
    return event


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    hide_secrets,
]


def configure(form: str, level: str) -> None:
    """Set up structlog and the standard library's loggers to write the same lines."""
    last = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "lines": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        last,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "axes": {"level": "ERROR"},
                "fontTools": {"level": "ERROR"},
                "fpdf": {"level": "ERROR"},
            },
        }
    )
