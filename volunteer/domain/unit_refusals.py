"""Units: why one cannot be chosen or changed so."""

from volunteer.domain.refusals import N_, NotFound, Refusal


class UnitUnknown(NotFound):
    code = "unit_unknown"
    msgid = N_("没有这个单位，或不在您的管理范围内。")


class UnitDissolved(Refusal):
    code = "unit_dissolved"
    msgid = N_("单位“%(name)s”已撤销，请改选别的单位。")


class UnitSucceeded(UnitDissolved):
    code = "unit_succeeded"
    msgid = N_("单位“%(name)s”已撤销，请改选承接单位“%(successor)s”。")


class UnitsOfBrigade(Refusal):
    code = "units_of_brigade"
    msgid = N_("单位由大队统一维护，请联系大队管理员。")
