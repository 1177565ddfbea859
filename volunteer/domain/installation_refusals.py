"""The installation: why the server cannot start, be set up or read a file."""

from volunteer.domain.refusals import N_, Refusal


class SetupCodeWrong(Refusal):
    code = "setup_code_wrong"
    msgid = N_("安装码不正确或已过期。请在服务器上运行 flask setup-code 重新生成。")


class BrigadeNameMissing(Refusal):
    code = "brigade_name_missing"
    msgid = N_("请填写大队名称。")


class SetupDone(Refusal):
    code = "setup_done"
    msgid = N_("已经有管理员了，不能再用安装码。请用 add-admin 命令或请管理员在网页上任命。")


class DatabaseNotReady(Refusal):
    code = "database_not_ready"
    msgid = N_("数据库连接不上或还没有初始化：请检查 VOLUNTEER_DATABASE_URL，再运行 init-db。")


class TriggersMissing(Refusal):
    code = "triggers_missing"
    msgid = N_(
        "数据库里防篡改的触发器缺失或被停用：%(triggers)s。扫码、台账或审计可能已被改动，"
        "请先查明原因，再运行 restore-triggers 恢复。"
    )


class FileNotWritable(Refusal):
    code = "file_not_writable"
    msgid = N_("文件无法读写：%(file)s")


class SettingWrong(Refusal):
    code = "setting_wrong"
    msgid = N_("环境变量 %(name)s 的值不正确：%(value)s")


class SecretMissing(Refusal):
    code = "secret_missing"
    msgid = N_("缺少密钥：请设置环境变量 VOLUNTEER_SECRET_KEY 后再启动。")
