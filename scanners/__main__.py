"""The command line: ``python -m scanners station.toml``, ``… enrol URL CODE``, ``… check``."""

import argparse
import logging
import logging.handlers
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from scanners import __version__
from scanners.checks import AlreadyRunning, check, only_one
from scanners.clocks import Clocks
from scanners.display import Display
from scanners.enrolment import NotEnrolled, enrol
from scanners.outbox import open_outbox
from scanners.readers.opening import make_reader
from scanners.sender import Sender
from scanners.server import Server
from scanners.settings import BadSettings, Settings, read_settings
from scanners.sounds import Sounds
from scanners.station import Station
from scanners.words import LANGUAGES, _, get_language, set_language

LOG_BYTES = 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the three commands; the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "--version" in words:
        print(__version__)
        return 0
    command = words.pop(0) if words and words[0] in ("enrol", "check", "run") else "run"
    if "-h" in words or "--help" in words:
        command = "run" if command == "run" else command
    options = parser_for(command).parse_args(words)
    if options.lang:
        set_language(options.lang)
    try:
        if command == "enrol":
            return enrol_command(options.url, options.code, options.output)
        settings = read_settings(options.settings)
        set_language(options.lang or settings.language)
        return check_command(settings) if command == "check" else run_command(settings)
    except (BadSettings, NotEnrolled) as error:
        print(error, file=sys.stderr)
        return 1


def parser_for(command: str) -> argparse.ArgumentParser:
    """The options of one command. Running is the command without a name."""
    parser = argparse.ArgumentParser(
        prog="python -m scanners" + ("" if command == "run" else f" {command}"),
        description={
            "run": _("运行服务站终端。其他命令：enrol（注册）、check（检查）。"),
            "enrol": _("用一次性注册码注册本终端。"),
            "check": _("检查读卡器、服务器、时钟、密钥和待发记录。"),
        }[command],
    )
    parser.add_argument("--lang", choices=LANGUAGES, help=_("语言"))
    if command == "enrol":
        parser.add_argument("url", help=_("服务器地址"))
        parser.add_argument("code", help=_("注册码"))
        parser.add_argument("--output", type=Path, default=Path("station.toml"), help=_("写入的设置文件"))
    else:
        parser.add_argument(
            "settings",
            type=Path,
            nargs="?" if command == "check" else None,
            default=Path("station.toml"),
            help=_("设置文件"),
        )
    return parser


def enrol_command(url: str, code: str, output: Path) -> int:
    """Get a key and write the settings."""
    name = enrol(url, code, output)
    print(
        _(
            "注册成功：%(name)s。设置已写入 %(path)s，运行：python -m scanners %(path)s",
            name=name,
            path=output,
        )
    )
    return 0


def check_command(settings: Settings) -> int:
    """Print every finding; 1 when one of them is bad."""
    is_good = True
    for finding in check(settings, Clocks()):
        print(("√ " if finding.is_good else "× ") + finding.words, flush=True)
        is_good = is_good and finding.is_good
    return 0 if is_good else 1


def run_command(settings: Settings) -> int:
    """Run the station until it is told to stop."""
    try:
        with only_one(settings.outbox):
            return run_station(settings)
    except AlreadyRunning:
        print(_("终端程序已经在运行。"), file=sys.stderr)
        return 1


def run_station(settings: Settings) -> int:
    """Build every part and run the loop."""
    clocks, stop = Clocks(), threading.Event()
    start_log(settings.outbox.with_name("station.log"))
    outbox, damaged = open_outbox(settings.outbox, clocks.now())
    warnings = (
        ()
        if damaged is None
        else (_("待发记录文件已损坏，已另存为 %(path)s，请交给管理员", path=damaged.name),)
    )
    readers = [make_reader(one, lambda: outbox.recall("reader_profile") or "hex") for one in settings.readers]
    display = Display(sys.stdout, settings.has_big_letters)
    sounds = Sounds(display.bell, settings.has_sounds)
    server = Server(settings.url, settings.key, language=get_language(), ca_file=settings.ca_file)
    station = Station(outbox, clocks, display, sounds, readers, warnings)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_arguments: stop.set())
    try:
        station.run(Sender(outbox, server, clocks, station.report), stop)
    finally:
        sounds.close()
        server.close()
        outbox.close()
    return 0


def start_log(path: Path) -> None:
    """Log beside the outbox when the screen is a window, which stray lines would tear; else to stderr."""
    handler: logging.Handler = logging.StreamHandler()
    if sys.stderr.isatty():
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
        )
    logging.basicConfig(
        level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # nfcpy reports each normal change of the field
    logging.getLogger("nfc").setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
