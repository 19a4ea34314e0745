"""The two databases, each able to do something last in a transaction: just before its outermost block commits.

Django runs callbacks after a commit, none before it; a backend of one's own is the documented place to stand there.
"""

from collections.abc import Callable
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.transaction import TransactionManagementError

Action = Callable[[list[Any]], None]


def do_last(action: Action, item: Any) -> None:
    """Calls `action` with every item put off for it, in the order given, last in this transaction."""
    cast("LastInTransaction", connections[DEFAULT_DB_ALIAS]).do_last(action, item)


def is_within_block() -> bool:
    """Whether a block is open whose end something can be put off to; a test's own is not counted."""
    blocks: list[Any] = connections[DEFAULT_DB_ALIAS].atomic_blocks
    return not all(block._from_testcase for block in blocks)


class LastInTransaction:
    """What was put off is done before the outermost block commits, once per action with all of its items.

    What was put off inside a block that is rolled back is forgotten with it. A test's own transaction is not counted:
    what a service puts off is done when the service ends.
    """

    in_atomic_block: bool
    savepoint_ids: list[Any]
    atomic_blocks: list[Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.put_off: list[tuple[set[Any], Action, Any]] = []

    def do_last(self, action: Action, item: Any) -> None:
        if not self.in_atomic_block:
            raise TransactionManagementError("Nothing can be put off outside of a transaction.")
        self.put_off.append((set(self.savepoint_ids), action, item))

    def commit(self) -> None:
        try:
            self.in_atomic_block = True  # the block that ends has unset it already, to be let through to the commit
            self._do_it()
        except BaseException:
            self.in_atomic_block = False
            self.rollback()
            raise
        self.in_atomic_block = False
        super().commit()  # type: ignore[misc]

    def savepoint_commit(self, sid: str) -> None:
        if all(block._from_testcase for block in self.atomic_blocks):
            try:
                self._do_it()
            except BaseException:
                self.savepoint_rollback(sid)
                raise
        super().savepoint_commit(sid)  # type: ignore[misc]

    def rollback(self) -> None:
        self.put_off = []
        super().rollback()  # type: ignore[misc]

    def close(self) -> None:
        self.put_off = []
        super().close()  # type: ignore[misc]

    def savepoint_rollback(self, sid: str) -> None:
        super().savepoint_rollback(sid)  # type: ignore[misc]
        self.put_off = [one for one in self.put_off if sid not in one[0]]

    def _do_it(self) -> None:
        while self.put_off:
            waiting, self.put_off = self.put_off, []
            items: dict[Action, list[Any]] = {}
            for _savepoints, action, item in waiting:
                items.setdefault(action, []).append(item)
            for action, its in items.items():
                action(its)
