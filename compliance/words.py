"""Entries of the ledger, what they are about, and faults of a chain, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.actor import REASONS
from records.seals import KINDS, NOUNS

FAULTS: dict[str, Promise] = {
    "changed": _("an entry was changed"),
    "removed": _("an entry is missing"),
    "inserted": _("an entry was put in"),
    "reordered": _("entries are out of order"),
    "head": _("the head does not fit the last entry"),
    "signature": _("a signed head does not agree"),
    "key": _("signed with a key that is not pinned here"),
    "unsigned": _("older than an hour and not signed: the clock stood still"),
    "signature_gone": _("a signature is missing that the second place knows"),
    "missing": _("the whole chain is missing"),
    "rewritten": _("it was rewritten: another text stood here"),
    "cut": _("the end is missing that was there before"),
    "second": _("the second place of the heads was changed"),
    "second_gone": _("the second place of the heads is gone or empty"),
    "content": _("what is stored is not what was sealed"),
    "file": _("an evidence file is missing or another"),
    "export": _("the file is not a whole download of one chain"),
}


def kind_words(kind: str) -> str:
    return str(KINDS[kind].words) if kind in KINDS else kind


def kinds_named(text: str) -> list[str]:
    """The kinds whose words hold a text, in the viewer's language."""
    said = text.casefold()
    return [name for name, kind in KINDS.items() if said in str(kind.words).casefold()]


def ref_words(ref: str) -> str:
    """«run:12» → “check 12”, as people say it; «company» → “company”."""
    noun, _colon, number = ref.partition(":")
    if noun == "system" and number in REASONS:
        return f"{NOUNS[noun]} · {REASONS[number]}"
    return f"{NOUNS.get(noun, noun)} {number}".strip()


def ref_of(words: str) -> str:
    """What `ref_words` said, or the beginning of it, as the ledger has it; anything else as it stands."""
    noun, _space, number = words.rpartition(" ")
    if not number.isdecimal():
        noun, number = words, ""
    found = next((key for key, word in NOUNS.items() if noun == str(word)), "")
    return f"{found}:{number}" if found not in ("", "company", "system") else found or words


def fault_words(fault: str) -> str:
    return str(FAULTS.get(fault, fault))
