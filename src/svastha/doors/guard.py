"""Before any route is entered: may this person use this door at all? The answer is in the table of permissions.

A route says what it needs as ``needs="noun.verb"`` (or ``public``, or ``self``), and ``fresh=True`` where she must have
shown within ten minutes who she is. What is whose own is decided behind the door, by ``seen_by``.
"""

from datetime import timedelta
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute, WebSocketRoute

from svastha.domain import audit
from svastha.domain.accounts import PUBLIC, SELF, Actor, who_may
from svastha.doors import visit
from svastha.kit import clock
from svastha.kit.i18n import N_
from svastha.kit.refusals import Forbidden, NotFound

FRESH = timedelta(minutes=10)
AUTOMATIC = {"options_handler"}  # made by the framework: says which methods there are


class StepUpRequired(Forbidden):
    code = "step_up_required"
    says = N_("Please show once more that it is you.")


class SecondFactorMissing(Forbidden):
    code = "second_factor_missing"
    says = N_("Your work needs a second proof that it is you, such as a passkey. Set one up, or sign in with it.")


class NoSuchDoor(NotFound):
    """Not hers to enter, which is all she learns."""


async def permitted(request: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of the whole application."""
    if handler.handler_name in AUTOMATIC:
        return
    needs: str = handler.opt["needs"]
    if needs == PUBLIC:
        return
    actor = await visit.actor_of(request)
    if needs == SELF:
        allowed = actor.key_id is None  # a key acts for a system, not on its owner's own account
    else:
        slug = request.path_params.get("clinic")
        clinic_id = (await visit.clinic_of(request, slug)).id if slug is not None else None
        allowed = actor.may(needs, clinic_id)
        if not allowed and actor.would(needs, clinic_id):
            raise SecondFactorMissing
    if not allowed:
        await _note(request, actor, needs)
        raise NoSuchDoor
    if handler.opt.get("fresh") and not is_fresh(actor):
        raise StepUpRequired


def is_fresh(actor: Actor) -> bool:
    return actor.proven_at is not None and clock.now() - actor.proven_at < FRESH


async def _note(request: ASGIConnection[Any, Any, Any, Any], actor: Actor, needs: str) -> None:
    async with visit.to_control(visit.house_of(request)) as tx:
        audit.note_refused(tx, actor.account_id, needs, request.scope.get("path_template") or "")


def check_table(app: Litestar) -> None:
    """Forgetting to say what a route needs keeps the application from starting."""
    for route in app.routes:
        for handler in _handlers(route):
            needs = handler.opt.get("needs")
            if needs is not None:
                who_may(needs)
            elif handler.handler_name not in AUTOMATIC:
                raise LookupError(f"{route.path}: say what it needs, as in @get(…, needs='visit.read')")


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    if isinstance(route, HTTPRoute):
        return list(route.route_handlers)
    assert isinstance(route, ASGIRoute | WebSocketRoute)
    return [route.route_handler]
