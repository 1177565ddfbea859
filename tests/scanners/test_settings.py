"""The settings file, enrolment and the check, in the words people get."""

from datetime import timedelta
from pathlib import Path

import pytest

from scanners.__main__ import main
from scanners.outbox import Answer, Outbox
from scanners.settings import BadSettings, ReaderSettings, Settings, is_plain, read_settings, write_settings
from scanners.words import set_language
from tests.scanners.field import Field
from tests.scanners.peer import KEY, Peer
from tests.scanners.terminals import write_station
from tests.scanners.test_outbox import scan

GOOD = '[server]\nurl = "https://hours.example/"\nkey = "k"\n[[readers]]\nkind = "nfc"\n'


@pytest.fixture(autouse=True)
def _chinese() -> None:
    set_language("zh")


def written(folder: Path, text: str) -> Path:
    path = folder / "station.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_short_file_is_enough(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, GOOD))

    assert settings == Settings("https://hours.example", "k", outbox=tmp_path / "outbox.db")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("url = ", "uri = "), "server.uri"),
        (('key = "k"', ""), "server.key"),
        (("https://hours.example/", "hours.example"), "服务器地址"),
        (("https://hours.example/", "https://hours.example:x"), "服务器地址"),
        (("https://hours.example/", "https://user@hours.example"), "服务器地址"),
        (('key = "k"', "key = 5"), "server.key"),
        (('key = "k"', "key = "), "TOML"),
        (('kind = "nfc"', 'kind = "nfcc"'), r"readers\[1\]\.kind"),
        (('kind = "nfc"', ""), r"readers\[1\]\.kind"),
        (('kind = "nfc"', 'kind = "serial"'), r"readers\[1\]\.path"),
        (('kind = "nfc"', 'kind = "keyboard"\nprofile = "octal"'), r"readers\[1\]\.profile"),
        (('kind = "nfc"', 'kind = "serial"\npath = "/dev/ttyACM0"\nbaud = "fast"'), r"readers\[1\]\.baud"),
        (("[[readers]]", '[station]\nlanguage = "fr"\n[[readers]]'), "station.language"),
        (("[[readers]]", '[station]\nsounds = "yes"\n[[readers]]'), "station.sounds"),
        (('[[readers]]\nkind = "nfc"\n', ""), r"\[\[readers\]\]"),
        (("[server]", "server = 1\n[other]"), "server"),
    ],
)
def test_a_mistake_is_named_in_words(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        read_settings(written(tmp_path, GOOD.replace(*change)))


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="enrol"):
        read_settings(tmp_path / "station.toml")


def test_what_is_written_is_read_back_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    settings = Settings(
        "https://hours.example",
        'a"\\键',
        "t1",
        str(tmp_path / "ca.pem"),
        "en",
        tmp_path / "o.db",
        False,
        True,
        (
            ReaderSettings("nfc", "usb:054c"),
            ReaderSettings("serial", "/dev/ttyACM0", "decimal10", 115200),
            ReaderSettings("camera", "0"),
        ),
    )
    path.write_text("old")
    path.chmod(0o644)

    write_settings(path, settings)

    assert read_settings(path) == settings
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://hours.example", True), ("https://hours.example", False), ("http://127.0.0.1:5000", False)],
)
def test_a_key_in_the_clear_is_noticed(url: str, expected: bool) -> None:
    assert is_plain(url) is expected


def test_enrolment_writes_the_key_and_keeps_the_readers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_station(tmp_path, "http://127.0.0.1:1", "old-key", ("nfc", "usb:054c"))
    with Peer() as peer:
        assert main(["enrol", peer.url, " abcd-efgh ", "--output", str(path)]) == 0

    settings = read_settings(path)
    assert (settings.key, settings.terminal_id, settings.url) == (KEY, "t1", peer.url)
    assert settings.readers == (ReaderSettings("nfc", "usb:054c"),)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "龙城U站" in capsys.readouterr().out


def test_a_spent_code_is_refused_in_the_servers_words_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Peer() as peer:
        assert main(["enrol", peer.url, "ZZZZ-ZZZZ", "--output", str(tmp_path / "station.toml")]) == 1

    assert capsys.readouterr().err == "注册码无效或已过期\n"
    assert list(tmp_path.iterdir()) == []


def test_the_code_is_not_spent_when_the_file_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Peer() as peer:
        assert main(["enrol", peer.url, "ABCD-EFGH", "--output", str(tmp_path / "no" / "station.toml")]) == 1
        assert peer.codes == {"ABCD-EFGH"}

    assert "不能写入" in capsys.readouterr().err


def test_the_check_finds_a_good_station_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Peer() as peer, Field() as field:
        code = main(["check", str(write_station(tmp_path, peer.url, KEY, ("nfc", field.path)))])

    said = capsys.readouterr().out
    assert code == 0, said
    for part in ("密钥有效", "龙城U站", "时钟与服务器相差", "没有等待上传的记录", "设备正常"):
        assert part in said
    assert "×" not in said


def test_the_check_speaks_english(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Peer() as peer:
        main(
            ["check", str(write_station(tmp_path, peer.url, KEY, ("nfc", "tty:NONE9:pn532"))), "--lang", "en"]
        )
    set_language("zh")

    said = capsys.readouterr().out
    assert "key valid, station" in said
    assert "not found; check the cable" in said


def test_the_check_names_everything_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Peer() as peer:
        peer.offset = timedelta(hours=1)
        path = write_station(tmp_path, peer.url, KEY, ("serial", str(tmp_path / "no-scanner")))
        path.write_text(path.read_text("utf-8") + 'profile = "6h8d"\n', "utf-8")
        outbox = Outbox(tmp_path / "outbox.db")
        gone, kept = scan(), scan()
        outbox.keep(gone)
        outbox.keep(kept)
        outbox.settle([Answer(gone.id, "refused", "card_unknown", "未登记的卡")], [gone])
        outbox.close()
        code = main(["check", str(path)])

    said = capsys.readouterr().out
    assert code == 1
    for part in ("慢 3", "有 1 条记录等待上传", "未登记的卡", "三个字节", "没有找到设备"):
        assert part in said


@pytest.mark.parametrize(
    ("url", "key", "words"), [("http://127.0.0.1:1", KEY, "未连接服务器"), ("", "revoked", "密钥已失效")]
)
def test_the_check_tells_a_dead_line_from_a_dead_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, key: str, words: str
) -> None:
    with Peer() as peer, Field() as field:
        assert main(["check", str(write_station(tmp_path, url or peer.url, key, ("nfc", field.path)))]) == 1

    assert words in capsys.readouterr().out


def test_the_program_needs_nothing_of_the_server() -> None:
    import ast

    import scanners

    for path in Path(scanners.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            assert not any(name.split(".")[0] in ("volunteer", "flask", "sqlalchemy") for name in names), path
            if any(name.split(".")[0] == "nfc" for name in names):
                assert path.name == "nfc.py"
