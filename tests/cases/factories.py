"""A case as a test needs it."""

import uuid

from cases.models import Case
from cases.services import open_case
from tests.cast import Cast


def make_case(cast: Cast, **fields: object) -> Case:
    words = {
        "shop": cast.shop,
        "kind": "mismatch",
        "source": "person",
        "opened_by": cast.mei,
        "key": f"test:{uuid.uuid4()}",
        "note": "面单与平台单号差一位",
    }
    return open_case(**{**words, **fields})
