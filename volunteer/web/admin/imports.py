"""Workbooks read in, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.domain.cells import cell_text
from volunteer.domain.imports import (
    AT_WORK,
    CORRECTED,
    EFFECTS,
    KEEP,
    MAX_UPLOAD_BYTES,
    NEW,
    ImportKind,
    ImportState,
    ListKind,
    RowState,
    may_undo,
    repeated_fields,
)
from volunteer.domain.refusals import Refusal, Sentence
from volunteer.domain.roles import Capability
from volunteer.models.imports import Import
from volunteer.queries.admins import find_appointing_standing
from volunteer.queries.imports import count_rows, find_samples, get_import, get_row, list_imports, list_page
from volunteer.reading.sheets import require_computed
from volunteer.services.access_log import note_access
from volunteer.services.import_work import is_silent, start_work, work_on
from volunteer.services.imports import (
    FileMissing,
    FileTooLarge,
    accept_repairs,
    begin_undo,
    begin_writing,
    choose_columns,
    discard_import,
    edit_row,
    guess_matching,
    leave_out,
    match_again,
    start_import,
    sweep_imports,
)
from volunteer.web.admin import admin, import_files  # noqa: F401 - its views attach themselves
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import allows, needs
from volunteer.web.admin.import_kinds import ALSO_NEEDS, UNDO_MEANS, id_keys, rules_of
from volunteer.web.admin.import_previews import show_columns, show_row, width
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, chosen, show_form, typed_id

PAGE_SIZE = 50
# A short list is judged and written before the page comes back; a start password takes a tenth of a second.
AT_ONCE = dict.fromkeys(ImportKind, 200) | {ImportKind.ADMINS: 5}
SHOWN: Mapping[str, Sequence[RowState]] = {
    "problem": (RowState.PROBLEM, RowState.REJECTED, RowState.KEPT),
    "proposed": (RowState.PROPOSED,),
    "ready": (RowState.READY, RowState.ADDED, RowState.UPDATED, RowState.UNCHANGED, RowState.UNDONE),
    "skipped": (RowState.SKIPPED,),
}
_SLACK = 64 * 1024


@admin.url_value_preprocessor
def admit_uploads(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """An upload may be larger than anything else that is sent; before the form is read at all."""
    if endpoint == "admin.begin_import":
        request.max_content_length = MAX_UPLOAD_BYTES + _SLACK
        if (request.content_length or 0) > MAX_UPLOAD_BYTES + _SLACK:
            raise FileTooLarge(megabytes=MAX_UPLOAD_BYTES >> 20)


@admin.get("/imports")
@needs(Capability.READ_IMPORTS)
def imports() -> Page:
    """Upload a list; below, what was imported before."""
    sweep_imports(now())
    return _show_imports()


@admin.post("/imports")
@needs(Capability.IMPORT_MEMBERS)
def begin_import() -> Page | AnyResponse:
    """Take an uploaded list and go on to its columns."""
    kind, file = chosen("kind", ImportKind), request.files.get("file")
    if not allows(ALSO_NEEDS[kind]):
        abort(403)
    team_id, admin_id, scope = g.team.id, g.admin.id, _scope(kind)
    try:
        if file is None or not file.filename:
            raise FileMissing()
        with file.stream as stream:
            import_id = start_import(kind, stream, file.filename, admin_id, team_id, scope, id_keys(), now())
    except Refusal as refusal:
        return _show_imports(refusal)
    return redirect(url_for("admin.import_columns", import_id=import_id))


def _show_imports(problem: Refusal | None = None) -> Page:
    page = asked_number("page", 1)
    count, rows = list_imports(g.scope, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    may_import = allows(Capability.IMPORT_MEMBERS)
    kinds = [kind for kind in ImportKind if may_import and allows(ALSO_NEEDS[kind])]
    return show_form(
        "admin/imports/list.html",
        problem,
        kinds=kinds,
        chosen_kind=request.values.get("kind", ""),
        rows=rows,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.route("/imports/<int:import_id>/columns", methods=["GET", "POST"])
@needs(Capability.IMPORT_MEMBERS)
def import_columns(import_id: int) -> Page | AnyResponse:
    """What each column is: guessed, and set right here."""
    one, rules = _open(import_id)
    if one.state == ImportState.READY and request.method == "GET":
        match_again(import_id)
    elif one.state not in (ImportState.MATCHING, ImportState.READY):
        return redirect(url_for("admin.import_page", import_id=import_id))
    samples = find_samples(import_id, id_keys())
    names = [sample["name"] for sample in samples]
    asked = request.values.get("sheet")
    sample = samples[names.index(asked) if asked in names else _likely_sheet(samples, rules)]
    first_row, guess = guess_matching(sample["rows"], rules)
    first_row = asked_number("first_row", first_row, most=len(sample["rows"]))
    problem = None
    if request.method == "POST":
        first_row = max(1, min(request.form.get("first_row", first_row, int), len(sample["rows"])))
        guess = {
            str(column): name
            for column in range(width(sample["rows"]))
            if (name := request.form.get(f"column-{column}", "")) in rules.vocabulary.labels
        }
        try:
            # A field that two columns were chosen for is told first; then it is wanted so.
            if set(repeated_fields(guess)) <= set(request.form.getlist("told")):
                # Uploads that were measured by an earlier version had no such formulas.
                uncomputed = dict(sample.get("uncomputed", ()))
                require_computed(sample["name"], uncomputed, [int(one) for one in guess], first_row)
                choose_columns(import_id, sample["name"], first_row, guess, rules, now())
                _go_on(import_id, ImportKind(one.kind), sample["count"])
                return redirect(url_for("admin.import_page", import_id=import_id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/imports/columns.html",
        problem,
        one=one,
        sheets=names,
        sheet=sample["name"],
        first_row=first_row,
        last_row=len(sample["rows"]),
        columns=show_columns(sample["rows"], first_row, guess),
        doubled=[(name, Sentence(rules.vocabulary.labels[name])) for name in repeated_fields(guess)],
        fields=[(str(name), Sentence(label)) for name, label in rules.vocabulary.labels.items()],
        needed=[Sentence(rules.vocabulary.labels[name]) for name in rules.vocabulary.needed],
    )


@admin.get("/imports/<int:import_id>")
@needs(Capability.READ_IMPORTS)
def import_page(import_id: int) -> Page | AnyResponse:
    """Where an import stands: how far it is, what it would do, or what it did."""
    one = get_import(g.scope, import_id)
    if _may_go_on(one) and one.state == ImportState.MATCHING and now() - one.created_at < KEEP:
        return redirect(url_for("admin.import_columns", import_id=import_id))
    if one.state in AT_WORK:
        percent = one.done * 100 // one.total if one.total else 0
        silent = is_silent(one, now())
        return render_template(
            "admin/imports/progress.html", one=one, percent=percent, silent=silent, may_go_on=_may_go_on(one)
        ), 200
    return _show_rows(one)


def _show_rows(one: Import, problem: Refusal | None = None) -> Page:
    rules = rules_of(ImportKind(one.kind), one.admin_id)
    counts = count_rows(one.id)
    sums = {name: sum(counts.get(state, 0) for state in states) for name, states in SHOWN.items()}
    asked = request.args.get("show", "")
    show = asked if asked in SHOWN else next((name for name in SHOWN if sums[name]), "ready")
    page = asked_number("page", 1)
    rows = list_page(one.id, id_keys(), SHOWN[show], (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return show_form(
        "admin/imports/page.html",
        problem,
        one=one,
        counts=counts or {name: count for name, count in one.counts.items() if name in set(RowState)},
        corrected=one.counts.get(CORRECTED, 0),
        new=one.counts.get(NEW, {}),
        effects=one.counts.get(EFFECTS, {}),
        is_forgotten=not counts,
        may_go_on=_may_go_on(one),
        may_take_passwords=one.was_written_by(g.admin.id),
        sums=sums,
        show=show,
        rows=[show_row(row, rules, one.state) for row in rows],
        page=page,
        pages=-(-sums[show] // PAGE_SIZE),
        may_undo=one.state == ImportState.DONE and may_undo(one.written_at, now()),
    )


@admin.post("/imports/<int:import_id>/accept")
@needs(Capability.IMPORT_MEMBERS)
def accept_import_repairs(import_id: int) -> AnyResponse:
    """Say yes to the proposed repairs of one row, or of all."""
    _open(import_id)
    accept_repairs(import_id, id_keys(), typed_id("row"))
    return _back(import_id)


@admin.route("/imports/<int:import_id>/rows/<int:number>", methods=["GET", "POST"])
@needs(Capability.IMPORT_MEMBERS)
def import_row(import_id: int, number: int) -> Page | AnyResponse:
    """Edit the cells of one row; it is judged again at once."""
    one, rules = _open(import_id)
    row = get_row(import_id, number, id_keys())
    problem = None
    if request.method == "POST":
        try:
            # A button for a team that was meant sends this one cell.
            sent = (str(name) for name in rules.vocabulary.labels if f"cell-{name}" in request.form)
            texts = {name: request.form[f"cell-{name}"] for name in sent}
            row = edit_row(import_id, g.admin.id, number, texts, rules, id_keys(), today())
            if row.state is not RowState.PROBLEM:
                flash(_("第 %(row)s 行已改好。", row=number))
                return _back(import_id)
        except Refusal as refusal:
            problem = refusal
    labels = [(str(name), Sentence(label)) for name, label in rules.vocabulary.labels.items()]
    cells = {name: cell_text(row.cells.get(name)) for name, _label in labels}
    return show_form("admin/imports/row.html", problem, one=one, row=row, labels=labels, cells=cells)


@admin.post("/imports/<int:import_id>/rows/<int:number>/leave-out")
@needs(Capability.IMPORT_MEMBERS)
def leave_out_row(import_id: int, number: int) -> AnyResponse:
    """Leave a row out of the import, or take it in again."""
    _one, rules = _open(import_id)
    leave_out(import_id, number, request.form.get("is_out") == "1", rules, id_keys(), today())
    return _back(import_id)


@admin.post("/imports/<int:import_id>/write")
@needs(Capability.IMPORT_MEMBERS)
def write_import(import_id: int) -> Page | AnyResponse:
    """Write the rows that are ready."""
    one, _rules = _open(import_id)
    kind, admin_ = ImportKind(one.kind), g.admin
    try:
        begin_writing(import_id, admin_.id, _scope(kind), now())
    except Refusal as refusal:
        return _show_rows(one, refusal)
    ready = count_rows(import_id)[RowState.READY]
    note_access(admin_, AccessKind.IMPORTED, [], f"{kind}: {ready}", now())
    _go_on(import_id, kind, ready)
    return redirect(url_for("admin.import_page", import_id=import_id))


@admin.route("/imports/<int:import_id>/undo", methods=["GET", "POST"])
@needs(Capability.IMPORT_MEMBERS)
def undo_import(import_id: int) -> Page | AnyResponse:
    """Ask, then take back what an import wrote."""
    one, _rules = _open(import_id)
    kind, admin_id = ImportKind(one.kind), g.admin.id

    def act() -> None:
        begin_undo(import_id, admin_id, now())
        written = count_rows(import_id)
        _go_on(import_id, kind, sum(written.get(state, 0) for state in (RowState.ADDED, RowState.UPDATED)))

    question = Question(
        title=_("撤销导入“%(file)s”", file=one.filename),
        consequence=_(UNDO_MEANS[kind]),
        button=_("撤销这次导入"),
        back=url_for("admin.import_page", import_id=import_id),
    )
    return confirm(question, act, _("已开始撤销，结果见下。"))


@admin.route("/imports/<int:import_id>/discard", methods=["GET", "POST"])
@needs(Capability.IMPORT_MEMBERS)
def drop_import(import_id: int) -> Page | AnyResponse:
    """Ask, then forget an upload that was not written."""
    one, _rules = _open(import_id)
    question = Question(
        title=_("放弃导入“%(file)s”", file=one.filename),
        consequence=_("上传的文件和逐行内容会马上删除，什么都不会写入；导入历史里只留下这一条记录。"),
        button=_("放弃这次导入"),
        back=url_for("admin.import_page", import_id=import_id),
    )
    return confirm(question, lambda: discard_import(import_id), _("已放弃这次导入，上传的内容已经删除。"))


@admin.post("/imports/<int:import_id>/resume")
@needs(Capability.IMPORT_MEMBERS)
def resume_import(import_id: int) -> AnyResponse:
    """Go on with work whose process has ended before its time."""
    one, _rules = _open(import_id)
    if is_silent(one, now()):
        _start(import_id)
    return _back(import_id)


def _open(import_id: int) -> tuple[Import, ListKind]:
    one = get_import(g.scope, import_id)
    if not _may_go_on(one):
        abort(403)
    return one, rules_of(ImportKind(one.kind), one.admin_id)


def _may_go_on(one: Import) -> bool:
    """Whether this admin may do with the import what a list of its kind takes, and not only read it."""
    return allows(Capability.IMPORT_MEMBERS) and allows(ALSO_NEEDS[ImportKind(one.kind)])


def _scope(kind: ImportKind) -> list[int]:
    """The teams a list may name: who appoints admins must do so in person and not as a deputy."""
    if kind is not ImportKind.ADMINS:
        return list(g.scope)
    standing = find_appointing_standing(g.admin.id, today())
    return standing.team_ids if standing else []


def _back(import_id: int) -> AnyResponse:
    where: dict[str, Any] = {
        name: request.values[name] for name in ("show", "page") if name in request.values
    }
    return redirect(url_for("admin.import_page", import_id=import_id, **where))


def _go_on(import_id: int, kind: ImportKind, rows: int) -> None:
    """Do short work now, and leave long work to a process of its own."""
    if rows > AT_ONCE[kind]:
        _start(import_id)
    else:
        one = get_import(g.scope, import_id)
        work_on(import_id, rules_of(kind, one.admin_id), id_keys(), now)


def _start(import_id: int) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    start_work(import_id, url, current_app.config["SECRET_KEY"])


def _likely_sheet(samples: Sequence[Mapping[str, Any]], rules: ListKind) -> int:
    """The first sheet with the needed headings, as templates have a sheet of notes too."""

    def understood(place: int) -> int:
        found = guess_matching(samples[place]["rows"], rules)[1].values()
        return len(set(rules.vocabulary.needed) & set(found))

    return max(range(len(samples)), key=understood)
