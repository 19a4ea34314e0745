"""Whoever is given work, by a person or by a rule, is told; what the shift brings every day is on Today alone."""

from collections.abc import Iterable

from duties.models import Duty
from kernel import clock
from kernel.text import Bilingual
from notifications.services import NoticeDraft, send_notices
from people.models import Employee

OF_THE_SHIFT = (Duty.Kind.RUN, Duty.Kind.REVIEW, Duty.Kind.HANDOVER)  # opened by what happens, given by nobody
GIVEN = {"zh": "交给你：", "en": "Given to you: "}


def tell_given(duties: Iterable[Duty], *, by: Employee | None) -> int:
    """Tells those who owe these duties from now on, but for who gave them to themself. Returns how many were told."""
    now = clock.now()
    return send_notices(
        NoticeDraft(
            key=f"given:{duty.pk}:{duty.assignee.pk}:{now:%Y%m%d%H%M%S%f}",
            recipient=duty.assignee,
            title=titled(GIVEN, duty),
            body=wanted_by(duty, by),
            path=f"/duties/{duty.pk}/",
        )
        for duty in duties
        if duty.assignee and duty.assignee != by
    )


def titled(words: Bilingual, duty: Duty) -> Bilingual:
    """The duty's title behind a word, in both languages."""
    return {lang: word + (duty.title.get(lang) or next(iter(duty.title.values()), "")) for lang, word in words.items()}


def wanted_by(duty: Duty, by: Employee | None = None) -> Bilingual:
    """Who gave it, and by when it is wanted here (no word of a platform's deadline), by the clock of the site named."""
    at = f"{duty.wanted_at.astimezone(duty.site.tz):%Y-%m-%d %H:%M}"
    said = {"zh": f"应完成：{at}（{duty.site.name}）", "en": f"Wanted by {at} ({duty.site.name})"}
    return {lang: f"{by.name} · {words}" if by else words for lang, words in said.items()}
