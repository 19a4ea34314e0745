"""The library that the product brings."""

from io import StringIO

from django.core.management import call_command

from tests.cast import Cast


def test_loading_the_library_again_publishes_nothing_new(cast: Cast) -> None:
    first, again = StringIO(), StringIO()
    call_command("load_library", stdout=first)
    assert "new: checklist morning-order-check, version 1" in first.getvalue()
    call_command("load_library", stdout=again)
    assert again.getvalue().startswith("0 new")
