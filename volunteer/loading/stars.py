"""Stars of the demo: rules that a year can fulfil, and nominees waiting, judged, published, revoked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from volunteer.demo.incidents import DETACHMENT, SQUADRON
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.consents import Purpose
from volunteer.domain.nominations import Actor
from volunteer.domain.star_rules import RuleFields
from volunteer.domain.stars import JudgingLevel
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.stars import StarNomination, StarRule
from volunteer.queries.demo import list_ids_of, newest_id
from volunteer.queries.stars import ask_rule, get_rule, list_eligible
from volunteer.services.consents import decide_consent
from volunteer.services.nominations import nominate
from volunteer.services.star_judgements import approve, publish, reject, revoke
from volunteer.services.stars import RuleSet, add_rules

_SCHEME, _SOURCE = "机关服务之星（演示）", "演示用的标准，不是真实文件"
# Stars and the hours they ask for; a year's service of busy people lies between the first and the last.
_HOURS = {1: 6, 2: 20, 3: 60}
_REASON = "长期参加服务日和周末值守，认真负责。"
_NOT_YET = "材料里的服务时间与值班表还在核对，请核对清楚后下次再提名。"
_REVOKED = "复查发现其中两次服务为他人代刷卡，按规定撤销。"
Judge = Callable[[list[int], Actor], object]


def list_steps(story: Story) -> Iterator[Step]:
    """The brigade's rules; the detachment's, a squadron's and one member's nominations."""
    yield Step(story.at(200, 10), "admin.new_star_rules", _add_rules, BRIGADE_CODE)
    own, others = story.people(DETACHMENT), story.people(SQUADRON)
    yield _nominate(story.at(60, 10), DETACHMENT, 1, own, 5)
    yield _nominate(story.at(58, 10), SQUADRON, 1, others, 3)
    member = story.district.demo_member
    third = member.team_code
    yield _nominate(story.at(57, 10), third, 1, [member.volunteer_no], 1)
    for team, worthy, told in (
        (DETACHMENT, (1, 2, 3), (1, 2)),
        (SQUADRON, (1, 2), (1, 2)),
        (third, (1,), (1,)),
    ):
        yield _judge(story.at(52, 10), "judge_nominations", (team, worthy), _approve)
        yield _judge(story.at(50, 9), "judge_nominations", (team, told), publish)
    yield _judge(story.at(52, 11), "judge_nomination", (DETACHMENT, (4,)), _reject)
    for number in (*own[:3], member.volunteer_no):
        yield Step(story.at(51, 12), "member.decide", _agree, member=number)
    yield _judge(story.at(20, 9), "revoke_star", (SQUADRON, (2,)), _revoke)
    yield _nominate(story.at(2, 15), DETACHMENT, 1, own[10:], 2)


def _add_rules(scene: Scene) -> None:
    organisation, district = JudgingLevel.ORGANISATION, JudgingLevel.DISTRICT
    rules = [
        RuleFields(stars, hours, 3, district if stars > 2 else organisation, is_metered_only=False)
        for stars, hours in _HOURS.items()
    ]
    add_rules(RuleSet(_SCHEME, scene.today.year, _SOURCE, rules), scene.admin_id)


def _nominate(at: datetime, team: str, stars: int, among: Iterable[str], most: int) -> Step:
    """Those of these people who fulfil the rule, the first by number."""
    chosen = set(among)

    def do(scene: Scene) -> None:
        rule_id = newest_id(StarRule, scheme=_SCHEME, stars=stars)
        asked = ask_rule(get_rule(rule_id), scene.today, scene.zone)
        _count, rows = list_eligible(scene.scope, asked, "", limit=200)
        numbers = [row.Member.volunteer_no for row in rows if row.Member.volunteer_no in chosen]
        if numbers:
            nominate(numbers[:most], rule_id, _REASON, _actor(scene))

    return Step(at, "admin.nominate_for_star", do, team)


def _judge(at: datetime, page: str, nominees: tuple[str, Sequence[int]], judge: Judge) -> Step:
    """The brigade judges those of a team, by their places in the order of their nominations."""
    team, places = nominees

    def do(scene: Scene) -> None:
        known = list_ids_of(StarNomination, nominated_by_id=scene.admins[team])
        if ids := [known[place - 1] for place in places if place <= len(known)]:
            judge(ids, _actor(scene))

    return Step(at, f"admin.{page}", do, BRIGADE_CODE)


def _approve(ids: list[int], actor: Actor) -> object:
    return approve(ids, "", actor)


def _reject(ids: list[int], actor: Actor) -> None:
    reject(ids[0], _NOT_YET, actor)


def _revoke(ids: list[int], actor: Actor) -> None:
    revoke(ids[0], _REVOKED, actor)


def _agree(scene: Scene) -> None:
    purpose = Purpose.HONOUR_BOARD
    decide_consent(scene.member_id, purpose, scene.now, scene.today, is_given=True)


def _actor(scene: Scene) -> Actor:
    return Actor(scene.admin_id, scene.scope, scene.is_brigade, scene.now, scene.zone)
