"""The frame is kept between requests, and yet is each viewer's own."""

from collections.abc import Callable

from django.test import Client

from people.models import Employee
from tests.cast import Cast

SignIn = Callable[[Employee], Client]


def test_two_of_one_role_on_one_page_each_see_their_own_name_address_and_token(cast: Cast, sign_in: SignIn) -> None:
    mei, wang = sign_in(cast.mei), sign_in(cast.wang)
    pages = {who: client.get(f"/me/?from={who}").content.decode() for who, client in (("mei", mei), ("wang", wang))}
    assert cast.mei.name in pages["mei"] and cast.mei.name not in pages["wang"]
    assert 'value="/me/?from=mei"' in pages["mei"] and "from=wang" not in pages["mei"]
    for client, page in ((mei, pages["mei"]), (wang, pages["wang"])):
        token = page.partition('"X-CSRFToken": "')[2].partition('"')[0]
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert (
            strict.post("/theme/", {"theme": "dark", "csrfmiddlewaretoken": token, "next": "/me/"}).status_code == 302
        )


def test_no_mark_is_left_in_a_page_and_a_name_cannot_bring_markup(cast: Cast, sign_in: SignIn) -> None:
    Employee.objects.filter(pk=cast.mei.pk).update(name="<b>美\ue000here\ue001")
    page = sign_in(cast.mei).get("/me/?q=<script>").content.decode()
    frame = page.partition("<main")[0]
    assert "&lt;b&gt;美" in frame and "<b>美" not in frame and "<script>" not in frame
    assert "csrf_token\ue001" not in page


def test_frame_follows_role_language_theme_and_page(cast: Cast, sign_in: SignIn) -> None:
    mei, li = sign_in(cast.mei), sign_in(cast.li)
    assert "/imports/" not in mei.get("/").content.decode() and "/imports/" in li.get("/").content.decode()
    assert '<a href="/me/" aria-current="page">' in mei.get("/me/").content.decode()
    mei.cookies["django_language"], mei.cookies["theme"] = "en", "dark"
    page = mei.get("/").content.decode()
    assert '<html lang="en" data-bs-theme="dark">' in page and "All pages" in page and "全部页面" not in page
    assert '<a href="/" aria-current="page">' in page and '<a href="/me/" aria-current="page">' not in page
