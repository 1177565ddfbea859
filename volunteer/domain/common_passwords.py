"""Passwords that everybody tries first, from what is known of leaked lists in China and elsewhere."""

_COMMON = """
password passw0rd p@ssw0rd p@ssword pa55word password1 passwd123 qwertyuiop qwerty123 1q2w3e4r 1q2w3e4r5t
q1w2e3r4 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1xsw2 qazwsx123 qazwsxedc qweasdzxc qweasd123 zxcvbnm1
asdfghjkl asdfasdf qwerqwer letmein1 letmein123 iloveyou iloveyou1 iloveu520 trustno1 sunshine princess
football baseball superman batman123 starwars michael1 jennifer computer internet whatever dragon123
monkey123 shadow123 master123 charlie1 welcome1 welcome123 changeme changeme1 default1 secret123 abcd1234
abc12345 abc123456 a1b2c3d4 a123456789 a1234567 a12345678 aa123456 aa123456789 aaa123456 qq123456
qq123456789 zz123456 wang1234 zhang123 asd123456 qwe123456 zxc123456 123456aa 123456abc 123456qq 123456789a
12345678a 1234qwer 123qweasd 123qwe123 123abc456 12qwaszx 123456asd 123456qwe 147258369 159357456 789456123
741852963 963852741 369258147 321654987 147852369 258369147 123654789 123321123 123456654321 12344321
11223344 111222333 112233445566 11112222 12121212 12312312 123123123 123321456 52013141 5201314520
1314520520 13145200 7758521521 77585210 521521521 520520520 woaini1314 woaini520 woaini521 woaini123
woaiwojia 31415926 314159265 20082008 20102010 20202020 10203040 13579246 135792468 24681357 246813579
98765432 99887766 55667788 66778899 88889999 dearbook csdncsdn xiazhili tiancai123 mima1234 mima123456
mimamima admin888 admin123456 administrator root1234 rootroot toor1234 testtest test1234 guest123 user1234
helloworld hello123 hello1234 nihao123 nihaoma123 woshishui woaizhongguo zhongguo zhongguo1 beijing2008
shanghai1 guangdong1 tencent123 taobao123 weixin123
"""
_WORDS = """
password passwd passwort admin administrator root user guest test demo login welcome hello secret default
changeme letmein iloveyou qwerty asdf zxcv abcd woaini nihao mima zhanghao yonghu guanliyuan volunteer
volunteers volunteerclock clock zhiyuan zhiyuanzhe zhiyuanzhong zhiyuanfuwu yigong fuwu fuwuzhan dadui
zhongdui fendui jiguan dangzhibu dangyuan zhongguo china guangdong shenzhen longgang longcheng 志愿 志愿者
志愿钟 志愿服务 义工 服务 服务站 大队 中队 分队 机关 党员 中国 广东 深圳 龙岗 龙城 密码 账号 管理员 用户
你好 我爱你
"""
COMMON = frozenset(_COMMON.split())
# No password is made of these alone, with figures or signs around them. Longer ones before their parts.
WORDS = tuple(sorted(_WORDS.split(), key=len, reverse=True))
# Neighbours on the keyboard or in the alphabet, in either direction.
ROWS = tuple(
    direction
    for row in ("12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
    for direction in (row, row[::-1])
)
