"""The privacy notice as it is shipped: its first version, in Chinese and in English."""

CHINESE = {
    "purpose": (
        "我们只为记录志愿服务而处理您的个人信息：识别您本人、计算服务时长、安排和联系服务、记录培训和表彰"
        "、出具志愿服务记录证明。\n"
        "依据是《志愿服务条例》、民政部令第 67 号《志愿服务记录与证明出具办法（试行）》和您的同意。"
    ),
    "fields": (
        "必填：姓名、志愿者编号、所属队伍和单位。\n"
        "选填：性别、出生日期、证件号码、居住区域、联系方式、专业技能、愿意参加的服务类别和可服务时间。不"
        "填不影响计时。\n"
        "服务产生：卡的号码摘要和变动、每次刷卡的时间和服务站、服务记录、台账、更正和公示意见、审核和抽查的结果、"
        "活动报名、培训和表彰、星级、证明和证明文件、调动与状态、重复档案的合并。\n"
        "使用系统产生：加入申请、您的同意和撤回、看过的隐私告知、删除申请、收到的消息、登录的时间和设备、通行密钥和登录第二步、"
        "管理职务、谁查看过您的资料、对您的资料做过的操作。\n"
        "我们不使用人脸识别，不记录行踪轨迹，不读取公交卡的乘车记录，不要求安装软件。"
    ),
    "period": (
        "服务、培训和表彰记录依法至少保存 10 年（GB/T 40143—2021），以便随时为您出具证明；系统不会自动删除，"
        "期满后您可以向下面的联系人要求处理。\n"
        "联系方式在您删除、撤回“联系我”的同意或申请删除获准后立即删除。"
        "技能、可服务时间和证件号码在您删除、撤回“记录志愿服务”的同意或申请删除获准后立即删除。\n"
        "没有通过的加入申请在答复 90 天后自动删除，其中的电话在答复时就删除。"
        "管理员导入的名单文件最多保存 7 天。\n"
        "查阅日志与服务记录保存同样长的时间。"
    ),
    "sharing": (
        "数据保存在本单位在中国境内的服务器上，不提供给境外，不出售，不用于广告。\n"
        "只有本队和上级队伍的管理员能看到您的资料，证件号码和联系方式平时以星号隐去；管理员每次查看"
        "（包括名单和查找）和每次导出都有日志。\n"
        "未经您单独同意，不公开您的姓名、照片或荣誉。"
    ),
    "security": (
        "证件号码和联系方式加密保存（AES-256-GCM），密码只保存摘要，卡的号码只保存加密摘要。\n"
        "各队只能看到本队范围内的人。"
    ),
    "rights": (
        "登录后您可以随时查看自己的全部数据，下载成文件（JSON 或 PDF），修改联系方式、技能和时间，撤回同"
        "意，申请删除，查看谁看过您的资料。\n"
        "撤回同意不影响此前已作的记录。依法必须保存的服务记录在保存期内不能删除，但可以更正。\n"
        "不会上网的，可以请本队管理员当面办理。认为您的权利受到侵害的，可以向下面的联系人或网信部门投诉。"
    ),
}
ENGLISH = {
    "purpose": (
        "We use your personal data for one thing only: to record volunteer service. That is to know that "
        "it is you, to count hours, to plan service and reach you about it, to record training and "
        "commendations, and to issue certificates.\n"
        "The basis is the Volunteer Service Regulations, Order 67 of the Ministry of Civil Affairs, and "
        "your consent."
    ),
    "fields": (
        "Required: name, volunteer number, team and unit.\n"
        "Optional: sex, date of birth, ID number, area of residence, contacts, skills, kinds of service "
        "you would like and times you are free. Your hours are counted without them.\n"
        "Made by service: a digest of your card's number and what happened to the card, time and station "
        "of each tap, service records, ledger, corrections and objections, results of reviews and samples, "
        "activities you signed up for, training and commendations, stars, certificates and supporting "
        "documents, transfers and status, merges of duplicate files.\n"
        "Made by using the system: your request to join, consents and withdrawals, privacy notices you "
        "read, requests for erasure, messages you got, time and device of each sign-in, passkeys and the "
        "second sign-in step, posts as an admin, who has looked at your file, what was done with it.\n"
        "There is no face recognition, no tracking of where you go, no reading of a transit card's "
        "trips, and no app to install."
    ),
    "period": (
        "Records of service, training and commendation are kept by law for at least 10 years (GB/T "
        "40143-2021), so that a certificate can be issued at any time. The system does not erase them by "
        "itself; afterwards you can ask the contact below to have it done.\n"
        "Contacts are erased at once when you remove them, withdraw your consent to be contacted or your "
        "request for erasure is granted; skills, free times and the ID number when you remove them, "
        "withdraw your consent to be recorded or your request is granted.\n"
        "A request to join that was turned down is deleted 90 days after the answer, its telephone number "
        "with the answer. Lists that admins import are kept for 7 days at most.\n"
        "The access log is kept as long as the service records."
    ),
    "sharing": (
        "The data stay on this organisation's server in China. They are not sent abroad, not sold, and "
        "not used for advertising.\n"
        "Only the admins of your team and of the teams above it see your file. ID number and contacts "
        "are masked; each look by an admin, at lists and searches too, and each export is logged.\n"
        "Without your separate consent, neither your name nor your photo nor your honours are published."
    ),
    "security": (
        "ID numbers and contacts are stored encrypted (AES-256-GCM), passwords and card numbers only as "
        "digests.\n"
        "Each team sees only its own people."
    ),
    "rights": (
        "Signed in, you can see all your data at any time, download them (JSON or PDF), change contacts, "
        "skills and times, withdraw consents, ask for erasure, and see who has looked at your file.\n"
        "Withdrawing does not undo what was recorded before. Records that the law says must be kept "
        "cannot be erased during that time, but they can be corrected.\n"
        "If you do not go online, your team's admin does it with you. If you think your rights were "
        "violated, complain to the contact below or to the cyberspace administration."
    ),
}
