"""From a ``[[readers]]`` table to a reader. Each library is loaded only where a reader needs it."""

from collections.abc import Callable

from scanners.readers import Reader
from scanners.settings import BadSettings, ReaderSettings
from scanners.words import _


def make_reader(settings: ReaderSettings, server_profile: Callable[[], str]) -> Reader:
    """The reader for one table; BadSettings when its library is not installed.

    ``server_profile`` gives the profile the server has for this terminal; it is asked at each line.
    """
    try:
        return make(settings, server_profile)
    except ImportError as error:
        name = error.name or error
        if settings.kind == "camera":
            raise BadSettings(
                _("缺少程序包 %(name)s，请运行 pip install -r scanners/requirements-camera.txt。", name=name)
            ) from error
        raise BadSettings(
            _("缺少程序包 %(name)s，请运行 pip install -r scanners/requirements.txt。", name=name)
        ) from error


def make(settings: ReaderSettings, server_profile: Callable[[], str]) -> Reader:
    """The reader itself; ImportError when its library is missing."""

    def profile() -> str:
        return settings.profile or server_profile()

    if settings.kind == "nfc":
        from scanners.readers.nfc import NfcReader

        return NfcReader(settings.path)
    if settings.kind == "camera":
        from scanners.readers.camera import CameraReader, source_for

        return CameraReader(f"camera {settings.path}", source_for(settings.path))
    if settings.kind == "serial":
        from scanners.readers.serial import SerialReader

        return SerialReader(settings.path, settings.baud, profile)
    from scanners.readers.keyboard import InputReader, StdinReader

    return StdinReader(profile) if settings.path == "stdin" else InputReader(settings.path, profile)
