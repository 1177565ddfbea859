"""The migrations build exactly the tables that the models describe, on both databases."""

import re
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, MetaData, inspect

from tests.conftest import ROOT
from volunteer.db import db, has_safe_wal, sqlite_driver
from volunteer.models.columns import Base


def test_migrations_and_models_describe_the_same_tables(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_constraint_is_in_the_database(app: Flask) -> None:
    inspector = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        modelled = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        assert {str(one["name"]) for one in inspector.get_check_constraints(table.name)} == modelled, (
            table.name
        )


def test_partial_unique_indexes_have_their_condition(app: Flask) -> None:
    with db.engine.connect() as connection:
        found = MetaData()
        found.reflect(connection)
        key = f"{connection.dialect.name}_where"
        for table, name in (
            ("service_records", "uq_service_records_open"),
            ("cards", "uq_cards_identity_in_use"),
        ):
            index: Any = next(one for one in found.tables[table].indexes if one.name == name)
            assert index.unique
            assert "state" in str(index.dialect_options[connection.dialect.name]["where"]), key


def test_there_is_one_newest_migration_and_head_names_it() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    heads = ScriptDirectory.from_config(config).get_heads()
    assert heads == [(ROOT / "migrations/HEAD").read_text().strip()]
    names = sorted(path.stem for path in (ROOT / "migrations/versions").glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+", name) for name in names)


def test_sqlite_keeps_what_it_has_answered(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        pragma = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()  # noqa: E731
        is_safe = has_safe_wal(sqlite_driver.sqlite_version_info)
        assert pragma("journal_mode") == ("wal" if is_safe else "truncate")
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1


def test_only_a_fixed_sqlite_may_use_wal() -> None:
    versions = {(3, 40, 1): False, (3, 51, 2): False, (3, 51, 3): True, (3, 53, 0): True, (3, 44, 6): True,
                (3, 44, 5): False, (3, 50, 7): True, (3, 50, 6): False}  # fmt: skip
    assert {version: has_safe_wal(version) for version in versions} == versions
