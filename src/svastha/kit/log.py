"""JSON lines on standard error. Nothing personal: names of routes and kinds of things, never what is in them."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from svastha.kit.caller import caller


def by_ids(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    called = caller.get()
    if called.request_id:
        event["request_id"], event["trace_id"] = called.request_id, called.trace_id
    return event


def trace_without_values(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where it happened and what kind of thing it was. Not what it said: a database's complaint quotes the row."""
    given = event.pop("exc_info", None)
    trouble = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(trouble, BaseException):
        frames = traceback.extract_tb(trouble.__traceback__)
        event["error"] = type(trouble).__name__
        event["at"] = [
            f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames
        ]
    return event


def set_up(level: str) -> None:
    shared: list[structlog.types.Processor] = [
        by_ids,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        trace_without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],  # in ASCII: nothing moves a terminal's cursor
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
