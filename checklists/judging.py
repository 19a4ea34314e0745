"""Whether an answer is fit for its item: the evidence decides, not the tick."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from checklists.details import Details
from checklists.errors import NotFresh, OutOfRange, Unfit
from checklists.live import figure_of, is_broken, is_told, sample_of
from checklists.models import Answer, Item, Run
from kernel.numbers import MOST
from orders.selectors import Figure
from orders.unchecked import Side, names_of

EVIDENCED = (Item.Kind.FIGURE, Item.Kind.SAMPLE)  # what may turn out impossible to check
BROKEN = _("The live figure is %(value)s: answer “problem” and say what is done.")


def judge(*, run: Run, item: Item, value: str, details: Details, at: datetime) -> dict[str, Any]:
    """The data to keep with the answer. Raises Unfit with the sentence and the field that lacks something."""
    _check_number(item, details.number)
    if value == Answer.Value.NA:
        if not item.allows_na:
            raise Unfit(_("This item always applies."))
        return _explained(details) | _judge_not_applicable(run, item, at)
    if value == Answer.Value.UNCHECKED:
        if item.kind not in EVIDENCED:
            raise Unfit(_("This item can be checked by looking."))
        return _explained(details) | _judge_unchecked(run, item, at)
    if value == Answer.Value.FAIL:
        return _judge_failure(item, details) | _read_evidence(run, item, at) | _entered(details)
    return _judge_pass(run, item, details, at)


def _judge_failure(item: Item, details: Details) -> dict[str, Any]:
    _explained(details)
    if item.needs_photo and not details.photos:
        raise Unfit(_("Add a photo of the problem."), field="photo")
    if item.needs_correction and not details.correction.strip():
        raise Unfit(_("Say what is done about it, and by whom."), field="correction")
    return {}


def _judge_not_applicable(run: Run, item: Item, at: datetime) -> dict[str, Any]:
    """A reason does not do away with a problem that the live data shows."""
    if item.kind != Item.Kind.FIGURE:
        return _read_unstopped(run, item, at)
    figure = figure_of(run=run, item=item, at=at)
    data = _spell_figure(figure)
    if is_broken(item, figure):
        raise NotFresh(BROKEN, evidence=data, value=figure.value)
    return data


def _judge_unchecked(run: Run, item: Item, at: datetime) -> dict[str, Any]:
    if item.kind != Item.Kind.FIGURE:
        return _read_unstopped(run, item, at)
    figure = figure_of(run=run, item=item, at=at)
    data = _spell_figure(figure)
    if is_told(item, figure):
        sentence = _("The live figure is %(value)s, that can be checked: answer by it.")
        raise NotFresh(sentence, evidence=data, value=figure.value)
    return data


def _read_unstopped(run: Run, item: Item, at: datetime) -> dict[str, Any]:
    data = _read_evidence(run, item, at)
    if stopped := data.get("sample", {}).get("stopped"):
        sentence = _("A parcel was stopped (%(number)s): answer “problem” and say what is done.")
        raise NotFresh(sentence, evidence=data, number=f"…{stopped[0][-4:]}")
    return data


def _explained(details: Details) -> dict[str, Any]:
    if not (details.reason.strip() or details.note.strip()):
        raise Unfit(_("Choose a reason, or write one."), field="reason")
    return {}


def _entered(details: Details) -> dict[str, Any]:
    entered: dict[str, Any] = {}
    if details.number is not None:
        entered["number"] = str(details.number)
    if details.text:
        entered["text"] = details.text
    return entered


def _judge_pass(run: Run, item: Item, details: Details, at: datetime) -> dict[str, Any]:
    if item.kind == Item.Kind.NUMBER:
        return _judge_number(item, details.number)
    if item.kind == Item.Kind.PHOTO and not details.photos:
        raise Unfit(_("This item is answered by a photo."), field="photo")
    if item.kind == Item.Kind.TEXT and not details.text.strip():
        raise Unfit(_("Write the answer."), field="text")
    if item.kind == Item.Kind.SIGNATURE:
        return {"signed": True}
    if item.kind == Item.Kind.FIGURE:
        return _judge_figure(run, item, at)
    if item.kind == Item.Kind.SAMPLE:
        return _judge_sample(run, item, at)
    return _entered(details)


def _check_number(item: Item, number: Decimal | None) -> None:
    """A number that nobody can have counted answers nothing, not even as a problem."""
    least = min(item.least, Decimal(0)) if item.least is not None else Decimal(0)
    most = max(item.most, MOST) if item.most is not None else MOST
    if number is not None and not (number.is_finite() and least <= number <= most):
        raise Unfit(_("Nobody can have counted that. Look at the number again."), field="number")


def _judge_number(item: Item, number: Decimal | None) -> dict[str, Any]:
    if number is None:
        raise Unfit(_("Enter the number."), field="number")
    if not item.is_within(number):
        raise OutOfRange(field="number", number=number)
    return {"number": str(number)}


def _judge_figure(run: Run, item: Item, at: datetime) -> dict[str, Any]:
    data = _read_evidence(run, item, at)
    seen = data["figure"]
    if seen.get("comparing"):
        raise NotFresh(
            _("The newest files are still being compared. Wait a moment, or answer “cannot be checked”."), evidence=data
        )
    if seen["value"] is None or seen["stale"]:
        raise NotFresh(
            _("The data is too old to answer this: import the orders, or answer “cannot be checked”."), evidence=data
        )
    if not item.is_within(seen["value"]):
        raise NotFresh(BROKEN, evidence=data, **seen)
    if lacking := data.get("missing"):
        names = names_of(Side(side["side"], side["courier"], side["shop"]) for side in lacking)
        sentence = _("Not everything is checked, %(names)s missing: import it, or answer “cannot be checked”.")
        raise NotFresh(sentence, evidence=data, names=names)
    return data


def _judge_sample(run: Run, item: Item, at: datetime) -> dict[str, Any]:
    data = _read_evidence(run, item, at)
    seen = data["sample"]
    if not seen["of"]:
        raise NotFresh(_("No parcel could be drawn: answer “not applicable” or “cannot be checked”."), evidence=data)
    if seen["done"] < seen["of"]:
        raise NotFresh(_("%(done)s of %(of)s parcels are verified; verify the others first."), evidence=data, **seen)
    return data


def _read_evidence(run: Run, item: Item, at: datetime) -> dict[str, Any]:
    """What the live data said at the moment of the answer."""
    if item.kind == Item.Kind.FIGURE:
        return _spell_figure(figure_of(run=run, item=item, at=at))
    if item.kind == Item.Kind.SAMPLE:
        state = sample_of(run=run, item=item)
        stopped = [line.number for line in state.lines if line.verdict == "stopped"]
        typed = [line.number for line in state.lines if line.verdict and line.is_typed]
        return {"sample": {"done": state.done, "of": len(state.lines), "stopped": stopped, "typed": typed}}
    return {}


def _spell_figure(figure: Figure) -> dict[str, Any]:
    as_of = figure.as_of.isoformat() if figure.as_of else None
    said: dict[str, Any] = {"figure": {"value": figure.value, "as_of": as_of, "stale": figure.is_stale}}
    if figure.is_comparing:
        said["figure"]["comparing"] = True
    if figure.missing:
        said["uncovered"] = figure.uncovered
        said["missing"] = [
            {"side": part.side.kind, "courier": part.side.courier, "shop": part.side.shop, "orders": part.orders}
            for part in figure.missing
        ]
    return said
