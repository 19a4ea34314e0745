"""A case as a test needs it: opened, its person heard and named, closed."""

import uuid
from typing import Any

from cases.models import Case, Responsibility, Statement
from cases.services import close_case, open_case, record_statement, set_responsible
from people.actor import Actor
from people.models import Employee
from tests.cast import Cast


def make_case(cast: Cast, opened_by: Employee | None = None, **fields: object) -> Case:
    """Opened by Mei, in the other shop by Chen."""
    opener = opened_by or (cast.chen if fields.get("shop") == cast.other_shop else cast.mei)
    words = {
        "shop": cast.shop,
        "kind": "mismatch",
        "source": "person",
        "key": f"test:{uuid.uuid4()}",
        "note": "面单与平台单号差一位",
    }
    return open_case(actor=Actor.of(opener), **{**words, **fields})


def hear(cast: Cast, case: Case, who: Employee | None = None, by: Employee | None = None, **more: Any) -> Statement:
    who, by = who or cast.mei, by or cast.mei
    said = {"employee": who, "text": "两单的面单拿反了", "client_id": uuid.uuid4(), **more}
    return record_statement(case=case, actor=Actor.of(by), **said)


def name(
    cast: Cast, case: Case, who: Employee | None, proof: str = "交接单 11-23 有签字", **more: Any
) -> Responsibility:
    by = more.pop("by", cast.wang)
    said = {"employee": who, "proof": proof, "client_id": uuid.uuid4(), **more}
    return set_responsible(case=case, actor=Actor.of(by), **said)


def close(cast: Cast, case: Case, cause: str = "manual_entry") -> Case:
    said = {"cause": cause, "resolution": "platform_corrected", "client_id": uuid.uuid4()}
    close_case(case=case, actor=Actor.of(cast.wang), **said)
    case.refresh_from_db()
    return case
