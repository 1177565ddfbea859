"""Fills a fresh database for the tests with a real server: runs in the server's environment, prints JSON.

    python prepare_server.py <station code> <how many members with a bound card>

Everything goes through the project's own commands, in one process because each start takes a second.
"""

import json
import sys
from typing import Any

from app import app


def run(*arguments: str) -> str:
    """One ``flask --app app …`` command; what it printed."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    if result.exit_code:
        raise SystemExit(f"{arguments}: {result.output}")
    return str(result.output)


def uid(number: int) -> str:
    """The UID of the number-th bound card."""
    return f"10{number:06X}"


def main(station: str, count: int) -> dict[str, Any]:
    """A terminal, two members with printed cards, two with cards of their own, and many with a UID each."""
    run("init-db")
    run("add-station", station, "龙城U站", "--kind", "u_station")
    terminal = json.loads(run("enrol-terminal", station, "--json"))
    for number in range(4):
        run("add-member", f"A{number:05d}", f"张{'一二三四'[number]}")
    tokens = [run("issue-card", f"A{number:05d}").split()[-1] for number in range(2)]
    run("bind-nfc", "A00002", "DEADBEEF")
    run("bind-nfc", "A00003", "02FE010203040506")
    for number in range(count):
        run("add-member", f"B{number:05d}", "李明")
        run("bind-nfc", f"B{number:05d}", uid(number))
    code = run("enrolment-code", station).split()[-1]
    return {**terminal, "tokens": tokens, "code": code, "uids": [uid(number) for number in range(count)]}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
