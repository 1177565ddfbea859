"""Categories of service: the built-in ones, and those that the brigade adds to them."""

from volunteer.domain.activities import TRAINING, Category
from volunteer.domain.members import require_length
from volunteer.domain.refusals import N_, NotFound, Refusal, TitleMissing

# What the built-in categories are called; nobody adds another of these names.
BUILT_IN: dict[str, str] = {
    Category.CIVIL_TRAVEL: N_("文明出行"),
    Category.CIVIC_TALK: N_("文明宣讲"),
    Category.COMMUNITY_VISIT: N_("进社区"),
    Category.BEAUTIFICATION: N_("环境美化"),
    Category.WARMTH: N_("送温暖"),
    TRAINING: N_("培训"),
}
LONGEST_NAME = 40


class CategoryUnknown(NotFound):
    code = "category_unknown"
    msgid = N_("没有找到这个类别，或不在您的管理范围内。")


class CategoryNotChosen(Refusal):
    code = "category_not_chosen"
    msgid = N_("请选择一个在用的类别；已停用的类别不能再选。")


class CategoryOver(Refusal):
    code = "category_over"
    msgid = N_("这个类别已经停用，不能再改。")


def own_code(category_id: int) -> str:
    """What an activity keeps of a category of the brigade's own; its name may change."""
    return f"own_{category_id}"


def clean_category_names(name: str, name_en: str) -> tuple[str, str]:
    """The Chinese and the English name without surrounding spaces; only the Chinese one must be there."""
    name, name_en = name.strip(), name_en.strip()
    if not name:
        raise TitleMissing()
    return require_length(name, LONGEST_NAME), require_length(name_en, LONGEST_NAME)
