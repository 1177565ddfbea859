"""Changing the tree: teams founded, renamed, moved, merged and dissolved below the admin's own team."""

from dataclasses import asdict

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.team_refusals import OwnTeamFixed, TeamDissolved
from volunteer.domain.teams import Party, PartyKind, TeamLevel, form_values, levels_below, may_hold
from volunteer.domain.versions import version_of
from volunteer.models.teams import Team
from volunteer.queries.handovers import count_waiting
from volunteer.queries.teams import (
    count_members_of,
    count_stations_of,
    get_team_in,
    list_children,
    list_subtree_ids,
    list_teams,
)
from volunteer.queries.trees import count_trees
from volunteer.services import teams as services
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.admin.teams import is_own, on_day
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed
from volunteer.web.versions import typed_version, version_to_show

NOBODY = "none"


@admin.route("/teams/new", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def new_team() -> Page | AnyResponse:
    """Found a team below one of this admin's."""
    problem = None
    if request.method == "POST":
        level, party = chosen("level", TeamLevel), typed_party()
        try:
            plan = services.TeamPlan(typed("code"), typed("name"), level, party)
            founded = services.found_team(plan, get_team_in(g.scope, typed("parent")).id, today())
            flash(_("%(name)s已设立。下一步：登记志愿者，任命管理员。", name=founded.name))
            return redirect(url_for("admin.team", code=founded.code))
        except Refusal as refusal:
            problem = refusal
    parents = [one for one in list_teams(g.scope) if levels_below(TeamLevel(one.level))]
    return show_form(
        "admin/teams/new.html",
        problem,
        parents=parents,
        parent=typed("parent") or request.args.get("parent", ""),
        levels=levels_below(TeamLevel.BRIGADE),
        kinds=list(PartyKind),
        typed=request.form,
    )


@admin.route("/teams/<code>/name", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def rename_team(code: str) -> Page | AnyResponse:
    """Another name or party organisation; the brigade's admins may rename the brigade too."""
    team, problem = _get_living(code), None
    if not g.is_brigade:
        _require_below(team)
    if request.method == "POST":
        try:
            services.rename_team(team.id, typed("name"), typed_party(), today(), typed_version())
            flash(_("已保存。以前的统计仍显示原来的名称。"))
            return redirect(url_for("admin.team", code=code))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/teams/name.html",
        problem,
        team=team,
        version=version_to_show(problem, version_of(form_values(team))),
        kinds=list(PartyKind),
        typed=request.form,
    )


@admin.route("/teams/<code>/parent", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def move_team(code: str) -> Page | AnyResponse:
    """Hang a team with everything below it under another one; asks first, with counts."""
    team = _get_changeable(code)
    above = [
        one
        for one in list_teams(g.scope)
        if may_hold(TeamLevel(one.level), TeamLevel(team.level)) and one.id != team.parent_id
    ]
    if "to" not in request.args:
        return _choose(team, _("调整上级"), _("新的上级"), above)
    parent = _get_living(request.args["to"])
    tree = count_trees([team.id], on_day(today()))[0]
    question = Question(
        _("调整上级"),
        _(
            "%(team)s连同 %(teams)s 个下级队伍、共 %(members)s 名志愿者，从今天起归%(parent)s。"
            "今天以前的统计不变。",
            team=team.name,
            teams=tree.size - 1,
            members=tree.total,
            parent=parent.name,
        ),
        _("调整"),
        url_for("admin.team", code=code),
        is_grave=False,
    )
    return confirm(question, lambda: services.move_team(team.id, parent.id, today()), _("上级已调整。"))


@admin.route("/teams/<code>/merge", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def merge_team(code: str) -> Page | AnyResponse:
    """Merge a team into another one; asks first, with counts."""
    team = _get_changeable(code)
    if "to" not in request.args:
        return _choose(team, _("并入其他队伍"), _("并入哪支队伍"), _heirs(team))
    return _dissolve(team, _("并入其他队伍"), _("合并"), _get_living(request.args["to"]))


@admin.route("/teams/<code>/end", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def dissolve_team(code: str) -> Page | AnyResponse:
    """Dissolve a team, naming who succeeds it; asks first, with counts."""
    team = _get_changeable(code)
    if "to" not in request.args:
        return _choose(team, _("撤销队伍"), _("由哪支队伍承接"), _heirs(team), may_be_nobody=True)
    to = request.args["to"]
    successor = None if to == NOBODY else _get_living(to)
    return _dissolve(team, _("撤销队伍"), _("撤销队伍"), successor)


def _dissolve(team: Team, title: str, button: str, successor: Team | None) -> Page | AnyResponse:
    counts = {
        "team": team.name,
        "members": count_members_of(team.id),
        "teams": len(list_children(team.id)),
        "stations": count_stations_of(team.id),
    }
    if successor:
        consequence = _(
            "%(team)s从今天起撤销：%(members)s 名志愿者、%(teams)s 个下级队伍、%(stations)s 个服务站"
            "转入%(successor)s。今天以前的人数和时长仍算在原来的队伍。",
            **counts,
            successor=successor.name,
        )
    else:
        consequence = _(
            "%(team)s从今天起撤销，没有承接队伍；%(stations)s 个服务站转给上级队伍。"
            "它现有 %(members)s 名志愿者、%(teams)s 个下级队伍。",
            **counts,
        )
    back = url_for("admin.team", code=team.code)
    question = Question(title, consequence, button, back, more=_name_waiting(team))
    heir_id = successor.id if successor else None
    act = lambda: services.dissolve_team(team.id, heir_id, today(), now())  # noqa: E731
    return confirm(question, act, _("%(team)s已撤销。", team=team.name))


def _name_waiting(team: Team) -> str:
    """What waits at the team and goes along, as a sentence; nothing where nothing waits."""
    waiting = asdict(count_waiting(team.id, now()))
    if not any(waiting.values()):
        return ""
    sentence: str = _(
        "还没有办完的事也一并转交：加入申请 %(registrations)s 份，调动 %(transfers)s 次，"
        "没有结束的活动 %(activities)s 个，待审核 %(reviews)s 条。",
        **waiting,
    )
    return sentence


def _choose(team: Team, title: str, label: str, teams: list[Team], *, may_be_nobody: bool = False) -> Page:
    return show_form(
        "admin/teams/choose.html",
        None,
        team=team,
        title=title,
        label=label,
        teams=teams,
        may_be_nobody=may_be_nobody,
        nobody=NOBODY,
    )


def _heirs(team: Team) -> list[Team]:
    """Who may take over: not the team itself or what is below it, and high enough for what is below."""
    below = set(list_subtree_ids(team.id))
    levels = {TeamLevel(child.level) for child in list_children(team.id)}
    return [
        one
        for one in list_teams(g.scope)
        if one.id not in below and all(may_hold(TeamLevel(one.level), level) for level in levels)
    ]


def _get_changeable(code: str) -> Team:
    team = _get_living(code)
    _require_below(team)
    return team


def _get_living(code: str) -> Team:
    team = get_team_in(g.scope, code)
    if team.dissolved_on:
        raise TeamDissolved(name=team.name)
    return team


def _require_below(team: Team) -> None:
    if is_own(team):
        raise OwnTeamFixed()


def typed_party() -> Party:
    """The party organisation as typed; 400 where the list never offered its kind."""
    name = typed("party_branch")
    return Party(name, chosen("party_kind", PartyKind)) if name else Party()
