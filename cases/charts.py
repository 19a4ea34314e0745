"""The charts of this room."""

from django.utils.translation import gettext as _

from cases.retraining_report import Repeat
from kernel.charts import Chart, Series
from kernel.text import localized


def retraining_effect(repeats: list[Repeat]) -> Chart:
    """Of each module, errors a person before and after it was passed again; a mark opens the people behind it."""

    def link(repeat: Repeat) -> str:
        return f"#retrained-{repeat.module_id}"

    return Chart(
        key="helped",
        title=_("Did it help?"),
        text=_("Errors of the same cause per person, in the 30 days before and after they passed the module again."),
        category=_("Module"),
        categories=[localized(repeat.title) for repeat in repeats],
        axis=_("Errors per person"),
        series=[
            Series.of(repeats, _("Assigned"), lambda r: r.assigned, link=link, kind=""),
            Series.of(repeats, _("Done"), lambda r: r.done, link=link, kind=""),
            Series.of(repeats, _("30 days before"), lambda r: r.before, shown=_before, link=link, tone="late"),
            Series.of(repeats, _("30 days after"), lambda r: r.after, shown=_after, link=link, tone="ok"),
        ],
    )


def _before(repeat: Repeat) -> str:
    return "–" if repeat.before is None else f"{repeat.before:.2f}"


def _after(repeat: Repeat) -> str:
    return _("not over yet") if repeat.after is None else f"{repeat.after:.2f}"
