"""Signing in: why somebody is not let in, and why a password or second step cannot be so."""

from volunteer.domain.refusals import N_, Refusal


class PasswordTooShort(Refusal):
    code = "password_too_short"
    msgid = N_("密码至少要 %(minimum)s 位。")


class SignInFailed(Refusal):
    code = "sign_in_failed"
    msgid = N_("编号或密码不正确。")


class TooManyAttempts(Refusal):
    """Tried too often from here (429); ``seconds`` says when to try again."""

    code = "too_many_attempts"
    msgid = N_("尝试次数太多，请 %(minutes)s 分钟后再试。")

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        super().__init__(minutes=-(-self.seconds // 60))


class SecondStepFailed(Refusal):
    code = "second_step_failed"
    msgid = N_("验证码不正确或已经用过，请重新输入。")


class PasskeyRefused(Refusal):
    code = "passkey_refused"
    msgid = N_("没有认出这个通行密钥。请刷新页面再试一次，或改用密码登录。")


class PasskeysFull(Refusal):
    code = "passkeys_full"
    msgid = N_("通行密钥最多 %(maximum)s 个，请先移除一个不用的。")


class PasswordUnchanged(Refusal):
    code = "password_unchanged"
    msgid = N_("新密码不能和现在的一样。")


class PasswordWrong(Refusal):
    code = "password_wrong"
    msgid = N_("当前密码不正确。")


class SecondFactorThere(Refusal):
    code = "second_factor_there"
    msgid = N_("动态码已经启用。要换一部手机，请先移除原来的。")


class SecondFactorAbsent(Refusal):
    code = "second_factor_absent"
    msgid = N_("还没有开始设置动态码，或者设置已经过期，请重新开始。")


class ActivationFailed(Refusal):
    code = "activation_failed"
    msgid = N_("激活码不正确或已用过。请向本队管理员索取新的卡函。")
