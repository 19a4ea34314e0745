"""Publishing a module: content from a file or an editor becomes a frozen version, once per content."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.text import listed
from people.actor import Actor
from people.models import Employee, Role, Shop, Site
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name, record_fact
from training.errors import BadModule
from training.frozen import frozen_digest
from training.models import Lesson, Module, ModuleVersion, Question

KEYS = {
    *("slug", "title", "summary", "audience", "minutes", "pass_percent", "questions_asked", "is_urgent"),
    *("due_days", "roles", "order", "lessons", "questions"),
}
LESSON_KEYS = {"slug", "title", "minutes", "body"}
QUESTION_KEYS = {"slug", "lesson", "kind", "text", "options", "why"}


@transaction.atomic
def publish_module(
    *,
    slug: str,
    content: dict[str, Any],
    owner_site: Site | None = None,
    owner_shop: Shop | None = None,
    actor: Actor,
) -> ModuleVersion:
    """Makes the next version of a module; the content of the current version makes no new one. A manager of the owner
    may; for the company an administrator.

    `content` is what a file of the library holds (starter/README.md). Raises BadModule naming what is wrong and where.
    """
    check_content(slug, content)
    digest = sha256(canonical_text(content))
    Module.objects.get_or_create(
        slug=slug, defaults={"title": content["title"], "site": owner_site, "shop": owner_shop}
    )
    module = Module.objects.select_for_update(of=("self",)).select_related("current").get(slug=slug)
    actor.require(Role.MANAGER, site_id=module.site_id, shop_id=module.shop_id)
    if module.current and module.current.digest == digest:
        return module.current
    version = _write(module, content, digest, actor.employee)
    module.current, module.title = version, content["title"]
    module.save(update_fields=["current", "title"])
    record_fact(
        kind="module.published",
        key=f"module.published:{version.pk}",
        subject=f"module_version:{version.pk}",
        site_id=module.site_id,
        shop_id=module.shop_id,
    )
    append_entry(
        chain=chain_name(site_id=module.site_id, shop_id=module.shop_id),
        kind="module.published",
        actor=actor.ref,
        subject=f"module:{module.pk}",
        payload={
            **{"version": version.number, "content": digest, "urgent": version.is_urgent},
            "rows": frozen_digest(version),
        },
    )
    return version


def _write(module: Module, content: dict[str, Any], digest: str, by: Employee | None) -> ModuleVersion:
    version = ModuleVersion.objects.create(
        module=module,
        number=module.current.number + 1 if module.current else 1,
        digest=digest,
        title=content["title"],
        summary=content.get("summary", {}),
        audience=content.get("audience", {}),
        minutes=content["minutes"],
        pass_percent=content.get("pass_percent", 80),
        questions_asked=min(content.get("questions_asked", 8), len(content["questions"])),
        is_urgent=content.get("is_urgent", False),
        due_days=content.get("due_days", 7),
        roles=content.get("roles", []),
        order=content.get("order", 0),
        published_at=clock.now(),
        published_by=by,
    )
    lessons = Lesson.objects.bulk_create(
        [Lesson(version=version, position=n, **row) for n, row in enumerate(content["lessons"], start=1)]
    )
    by_slug = {lesson.slug: lesson for lesson in lessons}
    Question.objects.bulk_create(
        [
            Question(version=version, position=n, **{**row, "lesson": by_slug[row["lesson"]]})
            for n, row in enumerate(content["questions"], start=1)
        ]
    )
    return version


def check_content(slug: str, content: dict[str, Any]) -> None:
    """Raises BadModule unless the content makes a module."""
    _check_keys(slug, content, KEYS)
    _check_text(slug, "title", content.get("title"))
    for key in ("minutes", "pass_percent", "questions_asked", "due_days"):
        value = content.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise BadModule(_("%(where)s: “%(key)s” is a whole number of at least 1."), where=slug, key=key)
    unknown = [role for role in content.get("roles", []) if role not in Role.values]
    if "minutes" not in content or unknown:
        raise BadModule(
            _("%(where)s: it needs its minutes, and roles out of %(roles)s."), where=slug, roles=listed(Role.values)
        )
    lessons, questions = content.get("lessons") or [], content.get("questions") or []
    if not (lessons and questions):
        raise BadModule(_("%(where)s: a module has lessons and questions."), where=slug)
    for n, row in enumerate(lessons, start=1):
        where = f"{slug}, {row.get('slug') or n}"
        _check_keys(where, row, LESSON_KEYS)
        for key in ("title", "body"):
            _check_text(where, key, row.get(key))
    slugs = [row.get("slug") for row in lessons]
    names = [row.get("slug") for row in questions]
    if len(set(slugs)) < len(slugs) or len(set(names)) < len(names) or not all(slugs + names):
        raise BadModule(_("%(where)s: every lesson and question has a slug of its own."), where=slug)
    for row in questions:
        _check_question(f"{slug}, {row['slug']}", row, slugs)


def _check_question(where: str, row: dict[str, Any], lessons: list[str]) -> None:
    _check_keys(where, row, QUESTION_KEYS)
    _check_text(where, "text", row.get("text"))
    if row.get("lesson") not in lessons:
        raise BadModule(_("%(where)s: no lesson is called “%(name)s”."), where=where, name=row.get("lesson"))
    options = row.get("options") or []
    for option in options:
        _check_text(where, "options", {k: v for k, v in option.items() if k != "correct"})
    right = sum(bool(option.get("correct")) for option in options)
    fits = {
        Question.Kind.SINGLE: right == 1 and len(options) >= 2,
        Question.Kind.MULTIPLE: 2 <= right < len(options),
        Question.Kind.ORDER: len(options) >= 3 and not right,
    }
    if not fits.get(row.get("kind", ""), False):
        raise BadModule(
            _(
                "%(where)s: single has one right option, multiple at least two right ones and a wrong one, order at "
                "least three in their right order."
            ),
            where=where,
        )


def _check_keys(where: str, row: dict[str, Any], allowed: set[str]) -> None:
    unknown = sorted(set(row) - allowed)
    if unknown:
        raise BadModule(_("%(where)s: “%(keys)s” is not known here."), where=where, keys=listed(unknown))


def _check_text(where: str, key: str, value: Any) -> None:
    if not isinstance(value, dict) or not value or set(value) - {"zh", "en"}:
        raise BadModule(_("%(where)s: “%(key)s” takes {zh: …, en: …}."), where=where, key=key)
