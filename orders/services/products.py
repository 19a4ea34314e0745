"""Products and their barcodes: met in item reports, taught by leads, so that the bench knows what a code stands for."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import Refused
from kernel.numbers import read_number
from kernel.pictures import clean_jpeg
from orders.models import Barcode, Product
from orders.words import code_in, product_key
from people.actor import Actor
from people.models import Role, Shop
from records.evidence import erase_evidence, store_evidence, write_file
from records.models import Evidence
from records.services import append_entry, chain_name

PICTURE_SIDE = 640  # pixels: shown at most half as large
MOST_PIECES = 9999


def meet_products(*, shop: Shop, lines: Iterable[tuple[str, str]]) -> None:
    """Products of these (seller code, title) that nobody met before."""
    met = {product_key(code, title): (code, title) for code, title in lines if code or title}
    known = set(Product.objects.filter(shop=shop, key__in=met).values_list("key", flat=True))
    made = [Product(shop=shop, key=k, seller_code=met[k][0], title=met[k][1]) for k in met if k not in known]
    Product.objects.bulk_create(made, ignore_conflicts=True)


@transaction.atomic
def teach_barcode(*, product: Product, code: str, pieces: int, actor: Actor) -> Barcode:
    """From now on the code stands for this product, and for so many pieces where a pack carries it; for whatever it
    stood before, no longer. Raises Refused for a code that is another product's own."""
    actor.require(Role.LEAD, shop_id=product.shop_id)
    code = code_in(code)
    if not 0 < len(code) <= 64:
        raise Refused(_("A code has 1 to 64 characters."))
    if not 0 < pieces <= MOST_PIECES:
        raise Refused(_("A pack holds 1 to 9999 pieces."))
    if Product.objects.filter(shop=product.shop_id, key=code).exclude(pk=product.pk).exists():
        raise Refused(_("%(code)s is the seller code of another product.") % {"code": code})
    said = {"product": product, "pieces": pieces, "saved_by": actor.person, "saved_at": clock.now()}
    row, _made = Barcode.objects.update_or_create(shop_id=product.shop_id, code=code, defaults=said)
    _seal(row, "barcode.taught", actor)
    return row


@transaction.atomic
def forget_barcode(*, barcode: Barcode, actor: Actor) -> None:
    """The code stands for nothing any more."""
    actor.require(Role.LEAD, shop_id=barcode.shop_id)
    _seal(barcode, "barcode.forgotten", actor)
    barcode.delete()


@dataclass
class Taught:
    kept: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # (line, why)


@transaction.atomic
def teach_barcodes(*, shop: Shop, text: str, actor: Actor) -> Taught:
    """A list as copied from a spreadsheet: a line each with barcode, seller code and, if more than one, pieces; parted
    by tabs, commas or spaces. What cannot be kept is told by line and does not stop the rest; a list without a line is
    Refused."""
    actor.require(Role.LEAD, shop_id=shop.pk)
    taught = Taught()
    products = {product.key: product for product in Product.objects.filter(shop=shop)}
    for n, line in enumerate(text.splitlines(), 1):
        cells = line.replace("\t", " ").replace(",", " ").replace("，", " ").split()
        if not cells:
            continue
        try:
            pieces = read_number(cells[2]) if len(cells) == 3 else Decimal(1)
            if len(cells) not in (2, 3) or pieces is None or pieces % 1:
                raise Refused(_("A line has a barcode, a seller code and, if more than one, the pieces."))
            product = products.get(code_in(cells[1]))
            if product is None:
                raise Refused(_("No product has the seller code %(code)s.") % {"code": cells[1]})
            teach_barcode(product=product, code=cells[0], pieces=int(pieces), actor=actor)
            taught.kept += 1
        except Refused as refusal:
            taught.refused.append((n, str(refusal)))
    if not (taught.kept or taught.refused):
        raise Refused(_("There is no barcode in this list."), field="text")
    return taught


def set_product_picture(*, product: Product, photo: IO[bytes], actor: Actor, client_id: uuid.UUID) -> Evidence:
    """What the bench shows of the product; the picture before goes. Raises UnreadablePicture, PictureTooLarge,
    PictureTooHeavy."""
    actor.require(Role.LEAD, shop_id=product.shop_id)
    content = clean_jpeg(photo, PICTURE_SIDE)
    write_file(content)
    with transaction.atomic():
        kept = store_evidence(
            owner=product.ref, content=content, media_type="image/jpeg", by=actor.ref, client_id=client_id
        )
        for old in Evidence.objects.filter(owner=product.ref, erased_at=None).exclude(pk=kept.pk):
            erase_evidence(evidence=old)
    return kept


def _seal(barcode: Barcode, kind: str, actor: Actor) -> None:
    payload = {"code": barcode.code, "product": barcode.product.key, "pieces": barcode.pieces}
    chain = chain_name(shop_id=barcode.shop_id)
    append_entry(chain=chain, kind=kind, actor=actor.ref, subject=f"barcode:{barcode.pk}", payload=payload)
