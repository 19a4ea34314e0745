"""The starter plans load, and past activations brought in at once tell a sound story."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from contingency.bulk import PastActivation, PastTick, record_activations
from contingency.library import load_plans
from contingency.models import Activation, Drill, Material, Plan, PlanVersion, StepTick
from contingency.selectors import step_rows
from duties.models import Duty
from kernel import clock
from records.selectors import verify_chain
from records.signing import sign_heads
from tests.cast import Cast

from .factories import make_plan

FOLDER = Path(__file__).resolve().parents[2] / "starter" / "library" / "plans"


def test_loading_the_library_twice_publishes_once(cast: Cast) -> None:
    for _ in range(2):
        versions = load_plans(FOLDER, [cast.site, cast.other_site])
    assert {v.plan.slug for v in versions} >= {"printer-down", "platform-outage"}
    assert PlanVersion.objects.count() == Plan.objects.count() == len(versions)
    needed = sum(v.materials.count() for v in versions)
    assert Material.objects.filter(site=cast.site).count() == needed


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_plan_says_everything_in_both_languages(path: Path) -> None:
    content = yaml.safe_load(path.read_text("utf-8"))
    texts = [content["title"], content["trigger"], content["when_to_use"], *content["roles"]]
    texts += [step[key] for step in content["steps"] for key in ("title", "instruction", "who")]
    texts += [item[key] for item in content["materials"] for key in ("name", "unit", "place")]
    assert all(text["zh"].strip() and text["en"].strip() for text in texts)
    minutes = [step["minutes"] for step in content["steps"]]
    assert 7 <= len(minutes) <= 10 and minutes == sorted(minutes)


def test_past_activations_and_drills_are_recorded_once(cast: Cast) -> None:
    version = make_plan([cast.site]).current
    at = clock.now() - timedelta(days=20)
    ticks = (
        PastTick(position=1, by=cast.mei, at=at + timedelta(minutes=1)),
        PastTick(position=2, by=cast.wang, at=None, note="好了"),
    )
    words = {"version": version, "site": cast.site, "started_by": cast.wang, "closed_by": cast.wang, "ticks": ticks}
    rows = [
        PastActivation(
            key=uuid.uuid4(),
            started_at=at,
            closed_at=at + timedelta(hours=1),
            is_drill=is_drill,
            drill_due_at=at + timedelta(days=1) if is_drill else None,
            review="r",
            **words,
        )
        for is_drill in (True, False)
    ]
    assert len(record_activations(rows)) == 2 and record_activations(rows) == []
    assert Duty.objects.get(kind="drill").subject_id == Drill.objects.get().pk
    assert Duty.objects.get().status(clock.now()) == "on_time"
    assert [r.state for r in step_rows(Activation.objects.first())] == ["done", "left_out"]
    assert StepTick.objects.count() == 4
    sign_heads(clock.now())
    assert verify_chain(f"site:{cast.site.pk}").is_sound
