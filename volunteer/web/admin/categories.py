"""Categories of activities: the built-in ones and the brigade's own, which its admins add, rename and end."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.categories import BUILT_IN, LONGEST_NAME
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.models.activities import ActivityCategory
from volunteer.queries.categories import get_category, list_categories
from volunteer.services import categories as services
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed


@admin.get("/activities/categories")
@needs(Capability.READ_ACTIVITIES)
def categories() -> Page:
    """Every category; the brigade's admins add to them here."""
    return _show()


@admin.post("/activities/categories")
@needs(Capability.EDIT_ACTIVITIES)
def new_category() -> Page | AnyResponse:
    """Add a category that every team can choose."""
    _require_brigade()
    try:
        made = services.add_category(typed("name"), typed("name_en"), g.admin.id, now())
    except Refusal as refusal:
        return _show(refusal)
    flash(_("类别“%(name)s”已添加，各队新建活动时可以选。", name=made.name))
    return redirect(url_for("admin.categories"))


@admin.route("/activities/categories/<int:category_id>/name", methods=["GET", "POST"])
@needs(Capability.EDIT_ACTIVITIES)
def rename_category(category_id: int) -> Page | AnyResponse:
    """Another name for one of the own categories."""
    found, problem = _get(category_id), None
    if request.method == "POST":
        try:
            services.rename_category(category_id, typed("name"), typed("name_en"))
            flash(_("类别已改名，以前的活动也显示新名称；已出具的证明不变。"))
            return redirect(url_for("admin.categories"))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/activities/category.html",
        problem,
        category=found,
        longest=LONGEST_NAME,
        typed=request.form or {"name": found.name, "name_en": found.name_en},
    )


@admin.route("/activities/categories/<int:category_id>/end", methods=["GET", "POST"])
@needs(Capability.EDIT_ACTIVITIES)
def end_category(category_id: int) -> Page | AnyResponse:
    """Ask, then end one of the own categories."""
    found = _get(category_id)
    question = Question(
        _("停用类别“%(name)s”？", name=found.name),
        _("停用后新的活动不能再选它，也不能恢复；已经用它的活动仍然这样显示。"),
        _("停用类别"),
        url_for("admin.categories"),
    )
    return confirm(question, lambda: services.end_category(category_id, today()), _("类别已停用。"))


def _show(problem: Refusal | None = None) -> Page:
    own = list_categories()
    return show_form(
        "admin/activities/categories.html",
        problem,
        built_in=list(BUILT_IN),
        in_use=[one for one in own if one.ended_on is None],
        ended=[one for one in own if one.ended_on is not None],
        is_keeper=g.is_brigade,
        longest=LONGEST_NAME,
        typed=request.form,
    )


def _get(category_id: int) -> ActivityCategory:
    _require_brigade()
    return get_category(category_id)


def _require_brigade() -> None:
    if not g.is_brigade:
        raise NotFound()
