"""Certificates on paper: A4, Chinese first and English second, with room for a seal and signatures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from volunteer.drawing.documents import typeset
from volunteer.drawing.fonts import boxed, missing_glyphs, spelt
from volunteer.drawing.letters import MONTHS
from volunteer.drawing.qr import qr_modules, qr_path

# What the categories of service are called on paper; one not listed stands as it is.
CATEGORIES = {
    "civil_travel": ("文明出行", "Civil travel"),
    "civic_talk": ("文明宣讲", "Civic talk"),
    "community_visit": ("进社区", "Community visit"),
    "beautification": ("环境美化", "Beautification"),
    "warmth": ("送温暖", "Warmth"),
    "training": ("培训", "Training"),
    "on_station": ("在站服务", "At the station"),
}
DOCUMENTS = {
    "resident_id": ("居民身份证", "Resident identity card"),
    "hmt_permit": ("港澳台居民居住证", "Residence permit"),
    "foreigner_permit": ("外国人永久居留身份证", "Permanent residence card"),
}


def certificate_pdf(content: Mapping[str, Any], code: str) -> bytes:
    """A tagged A4 PDF of what was frozen, of any length; the code stands in it as text and in the QR symbol.

    A character that the font lacks is printed as its code point. In the name a box stands for it,
    to be written in by hand, and the code points stand beside it: nobody is certified under another name.
    """
    address = f"{content['verify_url']}/{content['serial']}?c={code}"
    modules = qr_modules(address)
    first_on, last_on = _day(content["first_on"]), _day(content["last_on"])
    texts = ("volunteer_no", "issuer", "recording_unit", "handler", "responsible_person", "contact", "team")
    values = {
        **{name: spelt(str(content.get(name) or "")) for name in texts},
        "name": boxed(content["name"]),
        "missing": [f"U+{ord(one):04X}" for one in content["name"] if missing_glyphs(one)],
        "serial": content["serial"],
        "code": code,
        "verify_url": content["verify_url"],
        "qr": {"path": qr_path(modules), "side": len(modules)},
        "document": _document(content.get("document")),
        "first": _both(first_on),
        "last": _both(last_on),
        "issued": _both(_day(content["issued_on"])),
        "hours": _hours(content["metered_minutes"] + content["declared_minutes"]),
        "metered": _hours(content["metered_minutes"]),
        "declared": _hours(content["declared_minutes"]),
        "minutes": {
            "total": content["metered_minutes"] + content["declared_minutes"],
            "metered": content["metered_minutes"],
            "declared": content["declared_minutes"],
        },
        "times": content["times"],
        "replaces": content.get("replaces") or "",
        "activities": list(_lines(content["activities"])),
    }
    return typeset("certificate.typ", values, is_tagged=True)


def _lines(activities: Sequence[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for one in activities:
        zh, en = CATEGORIES.get(one["category"], (one["category"], ""))
        yield {
            "name": spelt(one["name"]),
            "category": zh,
            "category_en": en,
            "place": spelt(one["place"]),
            "organiser": spelt(one["organiser"]),
            "person": spelt(one["person_in_charge"]),
            "days": _span(_day(one["first_on"]), _day(one["last_on"])),
            "times": one["times"],
            "metered": _hours(one["metered_minutes"]) if one["metered_minutes"] else "—",
            "declared": _hours(one["declared_minutes"]) if one["declared_minutes"] else "—",
        }


def _document(document: Mapping[str, str] | None) -> dict[str, str] | None:
    if document is None:
        return None
    zh, en = DOCUMENTS[document["kind"]]
    return {"kind": zh, "kind_en": en, "number": document["number"]}


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _both(day: date) -> dict[str, str]:
    return {
        "zh": f"{day.year}年{day.month}月{day.day}日",
        "en": f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    }


def _span(first_on: date, last_on: date) -> list[str]:
    days = [f"{day.year}-{day.month:02}-{day.day:02}" for day in (first_on, last_on)]
    return days if first_on != last_on else days[:1]


def _hours(minutes: int) -> str:
    """With one decimal, rounded down: a paper never says more than was counted."""
    return f"{minutes // 6 / 10:.1f}"
