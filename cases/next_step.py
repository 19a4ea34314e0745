"""What is to be done next about a case: the one action that its page offers first."""

from collections.abc import Iterable
from datetime import datetime

from cases.models import Case
from cases.selectors import Moment


def next_step(case: Case, moments: Iterable[Moment], now: datetime, *, may_lead: bool) -> str:
    """take, follow_up, contact, resolve, close, or "" where nothing is: the name of the page's action.

    Somebody takes it; whoever promised is asked again once the time has come; somebody is spoken to; and when nothing
    is waited for any more it is resolved, and a lead closes it.
    """
    if not case.is_active:
        return "close" if may_lead and case.status == Case.Status.RESOLVED else ""
    if case.owner is None:
        return "take"
    contacts = [moment.contact for moment in moments if moment.contact]
    waiting = [c.follow_up_at for c in contacts if c.follow_up_at and c.duty and not c.duty.is_settled]
    if any(at <= now for at in waiting):
        return "follow_up"
    return "contact" if waiting or not contacts else "resolve"
