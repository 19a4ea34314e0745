"""What the product says in Chinese: whole, in the words that staff use, punctuated as Chinese is."""

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
import time_machine
import yaml
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from compliance.words import ref_of, ref_words
from config.reactions import REACTIONS
from duties.models import DutyEvent
from kernel.fields import DayField, HourField, MomentField
from kernel.text import sentence
from people.forms import check_password_rules
from people.models import Employee
from records.seals import KINDS, NOUNS
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.routes import ROUTES, Route

ROOT = Path(__file__).resolve().parent.parent
HAN = r"\u4e00-\u9fff"
NOT_SO = {  # what a native reader stumbles over → what is said instead
    "变量|字段|正则|占位符|会话|布尔|JSON|HTTPS|UTF-8|GBK|manage\\.py": "what the person sees or does",
    "(?<!班)组长": "班组长",
    "已错过|漏做": "未做",
    "免除": "免做",
    "没收": "未导入",
    "截止时间": "应完成时间, 关闭时间 or 最晚发货时间",
    "迟交|迟到": "迟做",
    "关于你记录了什么": "系统记录了你的哪些信息",
    "载入|加载": "导入",
    "[「」]": "“”",
    "您": "你",
}
MARK = re.compile(rf"[{HAN}][,;:!?()]|[,;:!?()][{HAN}]|[{HAN}]\.(?=[{HAN}\s]|$)")
WESTERN = re.compile(rf"-{{3,}}|[{HAN}](?:[;!?]|[,:](?!\d))|^\s*[,:;]\s|\([^)]*[{HAN}]|[{HAN}][^(]*\)")
CLOSE = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]")
GAP = re.compile(rf"[{HAN}] [{HAN}]|[，。；：！？、] | [，。；：！？、]")
LIBRARY = [*sorted((ROOT / "starter" / "library").rglob("*.yaml")), ROOT / "orders" / "rules" / "couriers.yaml"]
# Names of things, which are the same in Chinese; data of the cast; what auditors compare letter by letter.
SAME = set(
    re.findall(
        r"\w+",
        "CSV Excel XLSX XLS ZIP ERP PIN SF YTO ZTO YT JT JD DPK CN EMS SHA Ed JPEG PNG WebP HEIC MB OCR Cookie Wi Fi "
        "WiFi English Shipshape SKU Asia Shanghai hangzhou yiwu shanye yunqi LAMP orders csv route",
    )
)


def chinese(entry: polib.POEntry) -> str:
    return entry.msgstr or "".join(entry.msgstr_plural.values())


def plain(text: str, filled: str = "") -> str:
    """Without markup, and with something else for what is filled in."""
    return re.sub(r"%\(\w+\)[sdg]|\{\w+\}|`[^`]*`", filled, re.sub(r"<[^>]+>", "", text))


@pytest.fixture(scope="module")
def said() -> list[str]:
    return [chinese(e) for e in polib.pofile(str(ROOT / "locale/zh_Hans/LC_MESSAGES/django.po")) if not e.obsolete]


def authored(node: object) -> Iterator[tuple[str, str]]:
    """(key, text) of every Chinese text of the library; an option or a reason goes by the list that it is in."""
    if isinstance(node, dict):
        for key, value in node.items():
            for text in [value, *(value if isinstance(value, list) else [])]:
                if isinstance(text, dict) and isinstance(text.get("zh"), str):
                    yield key, text["zh"]
            yield from authored(value)
    elif isinstance(node, list):
        for value in node:
            yield from authored(value)


@pytest.fixture(scope="module")
def library() -> list[tuple[str, str]]:
    return [pair for path in LIBRARY for pair in authored(yaml.safe_load(path.read_text("utf-8")))]


@pytest.mark.parametrize("wrong", sorted(NOT_SO))
def test_no_sentence_says_what_staff_do_not_say(wrong: str, said: list[str]) -> None:
    assert [text for text in said if re.search(wrong, text)] == [], f"say {NOT_SO[wrong]}"


def test_titles_that_code_gives_say_it_as_the_pages_do() -> None:
    sources = [
        path.read_text("utf-8")
        for path in ROOT.glob("[a-z]*/**/*.py")
        if "/tests/" not in f"{path}" and "/node_modules/" not in f"{path}"
    ]
    titles = [text for source in sources for text in re.findall(r'"zh": f?"([^"]*)"', source)]
    assert len(titles) > 20
    wrong = re.compile("|".join(NOT_SO))
    assert [text for text in titles if wrong.search(text) or MARK.search(re.sub(r"\{[^}]*\}", "", text))] == []


def test_chinese_sentences_have_chinese_punctuation(said: list[str], library: list[tuple[str, str]]) -> None:
    prose = [text for key, text in library if key != "body"]
    assert [text for text in [*said, *prose] if MARK.search(plain(text))] == []


def test_numbers_and_latin_letters_stand_apart_from_chinese(said: list[str], library: list[tuple[str, str]]) -> None:
    prose = [text for key, text in library if key != "body"]
    assert [t for t in [*said, *prose] if CLOSE.search(plain(t)) or GAP.search(plain(t, "8"))] == []


def test_library_keeps_to_the_glossary_and_its_titles_hold_no_marks(library: list[tuple[str, str]]) -> None:
    assert [text for _key, text in library if re.search("(?<!班)组长|已错过|免除|[「」]", text)] == []
    assert [
        text for key, text in library if key in ("title", "reasons", "unit", "name", "place") and "**" in text
    ] == []


def test_a_sentence_shows_strong_words_strong_and_lets_no_html_in() -> None:
    assert sentence({"zh": "哪些**不允许**？`YT1` <b>"}) == "哪些<strong>不允许</strong>？<code>YT1</code> &lt;b&gt;"
    assert sentence({"zh": "箱子 20 ** 10，**未闭"}) == "箱子 20 ** 10，**未闭"


SEALING = {"append_entry", "seal_points"}


def sealed() -> Iterator[tuple[str, str]]:
    """(file, kind) of every kind of entry that a service may seal; a part that is filled in stands as a pattern."""
    for path in sorted([*ROOT.glob("*/services/*.py"), *ROOT.glob("*/services.py")]):
        tree = ast.parse(path.read_text("utf-8"))
        if not any(isinstance(node, ast.Name) and node.id in SEALING for node in ast.walk(tree)):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"[a-z_]+\.[a-z_]+", node.value) and not node.value.endswith(".yaml"):
                    yield f"{path.parent.parent.name}/{path.name}", re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z_]+" for p in node.values]
                if re.fullmatch(r"([a-z_]|\[a-z_\]\+)+\\\.([a-z_]|\[a-z_\]\+)+", "".join(parts)):
                    yield path.name, "".join(parts)


def test_every_kind_of_entry_has_words() -> None:
    facts = set(REACTIONS) - KINDS.keys()  # told to the reactions, sealed nowhere
    kinds = {kind for _file, kind in sealed()} - {re.escape(fact) for fact in facts}
    assert len(kinds) > 30
    assert sorted(kind for kind in kinds if not any(re.fullmatch(kind, known) for known in KINDS)) == []
    with translation.override("zh-hans"):
        assert [kind.name for kind in KINDS.values() if not re.search(f"[{HAN}]", str(kind.words))] == []


def test_every_kind_of_entry_is_sealed_somewhere() -> None:
    kinds = {kind for _file, kind in sealed()} | {f"duty\\.{kind}" for kind in DutyEvent.Kind.values}
    assert [known for known in KINDS if not any(re.fullmatch(kind, known) for kind in kinds)] == []


def test_what_an_entry_is_about_has_words_and_is_found_by_them() -> None:
    with translation.override("zh-hans"):
        assert ref_words("run:12") == "检查 12"
        assert ref_words("deduction:1") == "扣分 1"
        assert all(re.search(f"[{HAN}]", ref_words(noun)) for noun in NOUNS)
        assert [ref_of(ref_words(ref)) for ref in ("run:12", "employee:3", "company", "system")] == [
            *("run:12", "employee:3", "company", "system")
        ]
    with translation.override("en"):
        assert ref_of(ref_words("retraining_rule:3")) == "retraining_rule:3"
        assert ref_of("run:12") == "run:12"


# What the script or a hidden control sends; nobody reads what it is called.
UNSEEN = {"client_id", "finding", "case", "parcel", "verification", "answered_at", "told", "scanned", "pieces"} | {
    *("page", "query", "site", "sent_at", "verdict", "hour", "CountedForm.employee")
}


def forms_of_the_product() -> Iterator[type[forms.BaseForm]]:
    for config in apps.get_app_configs():
        if (ROOT / config.label).is_dir():
            for path in [*(ROOT / config.label).glob("forms.py"), *(ROOT / config.label).glob("forms/*.py")]:
                module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                for thing in vars(module).values():
                    if (
                        isinstance(thing, type)
                        and issubclass(thing, forms.BaseForm)
                        and thing.__module__ == module.__name__
                    ):
                        yield thing


def test_every_field_of_every_form_has_a_chinese_label() -> None:
    found = list(forms_of_the_product())
    assert len(found) > 40
    with translation.override("zh-hans"):
        lacking = [
            f"{form.__module__}.{form.__name__}.{name}: {field.label}"
            for form in found
            for name, field in form.base_fields.items()
            if not {name, f"{form.__name__}.{name}"} & UNSEEN
            and not field.widget.is_hidden
            and not re.search(f"[{HAN}]|PIN", str(field.label or ""))
        ]
    assert lacking == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        (forms.CharField(), ""),
        (forms.CharField(max_length=3), "abcde"),
        (forms.CharField(min_length=3), "a"),
        (forms.CharField(), "a\x00"),
        (forms.IntegerField(), "x"),
        (forms.IntegerField(min_value=1), "0"),
        (forms.IntegerField(max_value=1), "2"),
        (forms.DecimalField(max_digits=3), "1000"),
        (forms.DecimalField(decimal_places=1), "1.22"),
        (forms.DecimalField(max_digits=3, decimal_places=2), "22.1"),
        (DayField(), "x"),
        (MomentField(), "x"),
        (HourField(), "x"),
        (forms.EmailField(), "x"),
        (forms.SlugField(), "中文"),
        (forms.UUIDField(), "x"),
        (forms.ChoiceField(choices=[("a", "a")]), "b"),
        (forms.MultipleChoiceField(choices=[("a", "a")]), "b"),
        (forms.FileField(), None),
    ],
)
def test_what_django_says_of_a_field_is_said_as_people_say_it(field: forms.Field, typed: str | None) -> None:
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        field.clean(typed)
    (sentence_,) = refused.value.messages
    assert re.search(f"[{HAN}]", sentence_)
    assert not re.search("字段|变量|有效|UUID|确保", sentence_) and not MARK.search(sentence_)


@pytest.mark.parametrize("password", ["abc", "12345678", "password"])
def test_what_is_wrong_with_a_password_is_told_in_chinese(password: str) -> None:
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        check_password_rules(password)
    assert [said for said in refused.value.messages if re.search("[A-Za-z]", said)] == []


@pytest.mark.django_db
def test_a_code_that_is_taken_is_told_without_the_names_of_tables(
    cast: Cast, sign_in: Callable[[Employee], Client]
) -> None:
    url = reverse("people:place_new", kwargs={"kind": "site"})
    answer = sign_in(cast.sun).post(url, {"code": cast.site.code, "name": "二号仓", "zone": "Asia/Shanghai"})
    assert answer.status_code == 422
    told = [error for errors in answer.context["form"].errors.values() for error in errors]
    assert told and not any(re.search("[A-Za-z]|具有", error) for error in told)


class Reader(HTMLParser):
    """What a page says: its text, and what its controls are called; neither what is copied letter by letter (code, pre)
    nor what is marked as another language."""

    SILENT = {"script", "style", "code", "pre", "svg", "template"}
    VOID = {"input", "meta", "link", "img", "br", "hr", "use", "path"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        silent = tag in self.SILENT or told.get("lang") == "en" or (bool(self.open) and self.open[-1][1])
        if tag not in self.VOID:
            self.open.append((tag, silent))
        if not silent:
            self.texts += [str(told[key]) for key in ("aria-label", "title", "alt", "placeholder") if told.get(key)]
            if tag == "input" and told.get("type") in ("submit", "button"):
                self.texts.append(str(told.get("value")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.texts.append(data)


def pages() -> list[str]:
    return sorted(name for name, route in ROUTES.items() if route.method == "get" and 200 in route.expected)


def who_sees(route: Route, cast: Cast) -> list[Employee]:
    """The least and the most that may look; the same person once."""
    viewers = (cast.mei, cast.wang, cast.li, cast.zhao, cast.sun)
    seeing = [who for who, status in zip(viewers, route.expected[1:6], strict=True) if status == 200]
    return list(dict.fromkeys([seeing[0], seeing[-1]])) if seeing else []


@pytest.mark.parametrize("name", pages())
@pytest.mark.django_db
def test_page_speaks_chinese_and_nothing_else(name: str, cast: Cast, sign_in: Callable[[Employee], Client]) -> None:
    route = ROUTES[name]
    with time_machine.travel(MORNING):
        url = reverse(name, kwargs=route.build(cast) if route.build else {})
        sent = {key: value(cast) if callable(value) else value for key, value in route.sent.items()}
        for viewer in who_sees(route, cast):
            answer = sign_in(viewer).get(url, sent)
            if not answer.headers["Content-Type"].startswith("text/html"):
                continue
            reader = Reader()
            reader.feed(answer.content.decode())
            words = {word for text in reader.texts for word in re.findall(r"[A-Za-z]{2,}", text)}
            assert words - SAME == set(), f"{name} as {viewer.name}"
            assert [text for text in reader.texts if WESTERN.search(text)] == [], f"{name} as {viewer.name}"
