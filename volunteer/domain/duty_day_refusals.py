"""Duty days: why one cannot be set so."""

from volunteer.domain.refusals import N_, Refusal


class DutyDayDecided(Refusal):
    code = "duty_day_decided"
    msgid = N_("这个月的服务日已经过去，不能再改。")


class DutyDayOutsideMonth(Refusal):
    code = "duty_day_outside_month"
    msgid = N_("改期与 15 日相差不能超过 %(days)s 天。")
