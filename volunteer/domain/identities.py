"""Identities: what goes with a wrong ID number, and what the member is told of a correction."""

from dataclasses import replace

from volunteer.domain.national_ids import may_be_born_on
from volunteer.domain.people import Particulars, sex_told_by
from volunteer.domain.refusals import N_, Refusal

FILE_PATH = "/me/file"
# Nobody becomes somebody else silently (PIPL article 46).
RENAMED = N_("您的姓名由“%(old)s”更正为“%(new)s”，原因：%(reason)s。如果不对，请告诉本队管理员。")
RENAMED_BACK = N_("您的姓名的更正已撤销，恢复为“%(new)s”。如果不对，请告诉本队管理员。")
ID_REPLACED = N_("您登记的证件号码已更换，原因：%(reason)s。如果不对，请告诉本队管理员。")
ID_REMOVED = N_("您登记的证件号码已移除，原因：%(reason)s。如果不对，请告诉本队管理员。")
ID_WITHDRAWN = N_(
    "管理员按您的纸质签字登记：您撤回了“记录志愿服务”的同意，您登记的证件号码已删除。如果不对，请告诉本队管理员。"
)


class OwnIdentity(Refusal):
    code = "own_identity"
    msgid = N_("这是您本人的资料，请另一位管理员更正。")


class NationalIdTaken(Refusal):
    code = "national_id_taken"
    msgid = N_("这个证件号码已登记在另一位志愿者名下。")


def without_told(given: Particulars, national_id: str) -> Particulars:
    """What remains of it when this ID number turns out wrong: what the number told goes with it."""
    if given.born_on and may_be_born_on(national_id, given.born_on):
        given = replace(given, born_on=None)
    if given.sex and given.sex == sex_told_by(national_id):
        given = replace(given, sex=None)
    return given
