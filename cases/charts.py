"""The charts of this room."""

from django.utils.translation import gettext as _

from cases.retraining_report import Repeat
from kernel.charts import Chart, Series
from kernel.text import localized


def retraining_effect(repeats: list[Repeat]) -> Chart:
    """Of each module, errors a person before and after it was passed again; a mark opens the people behind it."""
    links = [f"#retrained-{repeat.module_id}" for repeat in repeats]
    before, after = [repeat.before for repeat in repeats], [repeat.after for repeat in repeats]
    assigned, done = [float(repeat.assigned) for repeat in repeats], [float(repeat.done) for repeat in repeats]
    return Chart(
        key="helped",
        title=_("Did it help?"),
        text=_("Errors of the same cause per person, in the 30 days before and after they passed the module again."),
        category=_("Module"),
        categories=[localized(repeat.title) for repeat in repeats],
        axis=_("Errors per person"),
        series=[
            Series(name=_("Assigned"), kind="", values=assigned, shown=[f"{n:.0f}" for n in assigned], links=links),
            Series(name=_("Done"), kind="", values=done, shown=[f"{n:.0f}" for n in done], links=links),
            Series(name=_("30 days before"), tone="late", values=before, shown=_said(before, "–"), links=links),
            Series(
                name=_("30 days after"), tone="ok", values=after, shown=_said(after, _("not over yet")), links=links
            ),
        ],
    )


def _said(values: list[float | None], unknown: str) -> list[str]:
    return [unknown if value is None else f"{value:.2f}" for value in values]
