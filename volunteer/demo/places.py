"""The invented district's teams, units and stations.

Numbers and shape follow a real district's public report (one brigade, 24 squadrons,
30 detachments directly under the brigade, 54 units, nine stations); every name is invented.
"""

from dataclasses import dataclass

from volunteer.domain.stations import StationKind
from volunteer.domain.teams import TeamLevel

BRIGADE_CODE = "DD"
SQUADRONS, DETACHMENTS = 24, 30

# Ten with a party committee of their own, two with a general branch, then forty-two more.
_UNITS = (
    "教育局 卫生健康局 公安分局 住房和建设局 人民法院 人民检察院 财政局 城市管理局 "
    "市场监督管理局 税务局 "
    "区委办公室 区政府办公室 "
    "发展和改革局 科技创新局 工业和信息化局 民政局 司法局 人力资源局 水务局 交通运输局 应急管理局 审计局 "
    "统计局 文化广电旅游体育局 退役军人事务局 政务服务数据管理局 国有资产监督管理局 信访局 医疗保障局 "
    "组织部 宣传部 统战部 政法委员会 纪委监委机关 机关事务管理局 建筑工务署 总工会 团委 妇女联合会 "
    "残疾人联合会 "
    "工商业联合会 科学技术协会 文学艺术界联合会 红十字会 档案馆 图书馆 文化馆 博物馆 青少年宫 "
    "体育中心 "
    "疾病预防控制中心 土地整备事务中心 公园管理中心 公共就业服务中心"
)
_STATIONS = (
    ("U01", "龙岭广场U站", StationKind.U_STATION, "龙岭大道与中心路口东南角"),
    ("U02", "双溪地铁站U站", StationKind.U_STATION, "双溪地铁站B出口"),
    ("I01", "龙岭初级中学I城", StationKind.I_CITY, "学府路初级中学正门旁"),
    ("J01", "政务服务大厅机关站", StationKind.ORGAN_STATION, "行政中心一楼大厅"),
    ("J02", "区人民医院机关站", StationKind.ORGAN_STATION, "人民医院门诊楼"),
    ("J03", "区图书馆机关站", StationKind.ORGAN_STATION, "文化中心北区"),
    ("J04", "青溪社区机关站", StationKind.ORGAN_STATION, "青溪社区党群服务中心"),
    ("J05", "龙岭河公园机关站", StationKind.ORGAN_STATION, "龙岭河公园管理处"),
    ("J06", "福利中心机关站", StationKind.ORGAN_STATION, "社会福利中心一楼"),
)


@dataclass(frozen=True)
class DemoTeam:
    """A team; ``parent_code`` is None only for the brigade. ``unit`` is the employer it stands for."""

    code: str
    name: str
    level: TeamLevel
    parent_code: str | None
    unit: str = ""


@dataclass(frozen=True)
class DemoStation:
    """A station and the team that looks after it (None: the brigade)."""

    code: str
    name: str
    kind: StationKind
    address: str
    team_code: str | None


def list_units() -> tuple[str, ...]:
    """The 54 units, those with the most people first."""
    return tuple(name if name.startswith("区") else f"区{name}" for name in _UNITS.split())


def list_teams() -> tuple[DemoTeam, ...]:
    """The brigade, then its squadrons, then its detachments, which skip the level between."""
    units = list_units()
    brigade = DemoTeam(BRIGADE_CODE, "龙岭区机关志愿服务大队", TeamLevel.BRIGADE, None)
    squadrons = (
        DemoTeam(f"ZD{place:02}", f"{unit}服务中队", TeamLevel.SQUADRON, BRIGADE_CODE, unit)
        for place, unit in enumerate(units[:SQUADRONS], 1)
    )
    detachments = (
        DemoTeam(f"FD{place:02}", f"{unit}直属分队", TeamLevel.DETACHMENT, BRIGADE_CODE, unit)
        for place, unit in enumerate(units[SQUADRONS:], 1)
    )
    return (brigade, *squadrons, *detachments)


def list_stations() -> tuple[DemoStation, ...]:
    """The nine stations; squadrons look after some of them, the brigade after the others."""
    keepers = {"I01": "ZD01", "J02": "ZD02", "J05": "ZD08"}
    return tuple(DemoStation(*station, keepers.get(station[0])) for station in _STATIONS)
