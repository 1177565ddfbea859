"""The invented district's people: common names, some rare ones, and ID numbers nobody can have."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from volunteer.demo.places import SQUADRONS, DemoTeam
from volunteer.domain.national_ids import invent_impossible

MEMBERS = 2565
_SQUADRON_WEIGHT, _DETACHMENT_WEIGHT = 3.0, 1.0

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏"
    "蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万"
    "顾赖武康贺严尹钱施牛洪龚"
)
_COMMON = 20  # the first surnames of the list are those of most people
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文海燕春梅晓东立新宇浩然子涵欣怡梓轩雨桐思远佳琪俊凯嘉豪诗婷雪"
    "晨阳慧颖博雅鹏飞振兴家宁安康乐书琴云峰瑞祥锦程若曦景天楚恩泽惠民广发少辉惟一清和"
)
# Names that registers stumble over: two-character surnames, surnames with their own reading,
# characters outside the basic plane, names with a middle dot, one-character given names.
_RARE = (
    "欧阳思远", "欧阳娜", "尉迟明", "司徒惠民", "上官云", "单晓燕", "仇志强", "解文静", "翟建国",
    "朴英子", "区广发", "查海平", "盖立新", "曾庆华", "覃秀兰", "缪雨桐", "逄涛", "李𬭎",
    "王㛃", "陈䶮", "何𬭎远", "赵㛃宁", "阿依努尔·艾合买提", "买买提江·吐尔逊", "那日苏", "黎一", "冼少辉",
    "麦嘉豪",
)  # fmt: skip


@dataclass(frozen=True)
class DemoMember:
    """An invented person; ``zeal`` above 1 comes more often than others, below 1 less."""

    volunteer_no: str
    name: str
    team_code: str
    unit: str
    national_id: str
    zeal: float


def invent_members(teams: Sequence[DemoTeam], random: Random, count: int = MEMBERS) -> tuple[DemoMember, ...]:
    """``count`` people spread over all teams but the brigade, each team with at least one."""
    own = [team for team in teams if team.parent_code]
    weights = [_SQUADRON_WEIGHT if place < SQUADRONS else _DETACHMENT_WEIGHT for place in range(len(own))]
    placed = own + random.choices(own, weights, k=max(0, count - len(own)))
    placed.sort(key=lambda team: own.index(team))
    names = [*_RARE, *(invent_name(random) for _ in range(count))][:count]
    random.shuffle(names)
    return tuple(
        DemoMember(
            volunteer_no=f"LL{serial:06}",
            name=name,
            team_code=team.code,
            unit=team.unit,
            national_id=invent_impossible(serial * 37),
            zeal=random.lognormvariate(0, 0.8),
        )
        for serial, (name, team) in enumerate(zip(names, placed[:count], strict=True), 1)
    )


def invent_name(random: Random) -> str:
    """An ordinary name."""
    surname = random.choice(_SURNAMES[:_COMMON] if random.random() < 0.55 else _SURNAMES)
    return surname + "".join(random.choices(_GIVEN, k=1 if random.random() < 0.2 else 2))
