/* The screen: what is shown, and nothing else. Colour never stands alone: each result has its icon, words and tune. */

import { play } from "./sounds.js";
import { language, text } from "./texts.js";

const RESULT_MS = 3000;
const UNDO_MS = 60_000;
const LOCALE = language.startsWith("en") ? "en-GB" : "zh-CN";
const KINDS = {
  checked_in: "in",
  checked_out: "out",
  double_tap: "repeat",
  already_checked_in: "repeat",
  not_checked_in: "repeat",
  undone: "undone",
  card_enrolled: "in",
};

const find = (id) => document.getElementById(id);

let serverAhead = 0;
let timeZone = "Asia/Shanghai";
let returning = 0;
let undoable = null;

/** Show one of the views: loading, enrol, station, taken, broken. */
export function showView(name) {
  document.body.dataset.view = name;
  for (const view of document.querySelectorAll("[data-view-name]")) view.hidden = view.dataset.viewName !== name;
}

/** Show which station and terminal this is. */
export function showTerminal({ station, terminal, timezone }) {
  timeZone = timezone ?? timeZone;
  find("station-name").textContent = station.name;
  find("terminal-name").textContent = terminal && terminal.name !== station.name ? terminal.name : "";
  find("direction").textContent = terminal && terminal.direction !== "both" ? text(`direction_${terminal.direction}`) : "";
}

/** Show how the server is reached; `serverNow` (ms) sets the clock that people see right. */
export function showConnection(state, serverNow) {
  if (serverNow) serverAhead = serverNow - Date.now();
  document.body.dataset.connection = state;
  find("connection-text").textContent = text(state);
  find("revoked").hidden = state !== "revoked";
}

/** Show how many scans wait for the server. */
export function showPending({ pending, elsewhere, refused }) {
  document.body.dataset.pending = String(pending);
  find("pending-text").textContent = pending ? text("pending", { n: pending }) : text("nothing_pending");
  find("about-pending").textContent = String(pending);
  find("about-elsewhere").textContent = String(elsewhere);
  find("about-refused").textContent = String(refused);
  setNotice("elsewhere", elsewhere ? text("elsewhere", { n: elsewhere }) : "");
}

/** Show the newest refused scans, so that a clerk can tell people what was wrong. */
export function showRefused(answers) {
  const lines = answers.map(({ at, message }) => {
    const line = document.createElement("li");
    line.textContent = `${clockTime(new Date(at))} ${message}`;
    return line;
  });
  find("about-refused-list").replaceChildren(...lines);
}

/** Show what the camera does; the words under the picture say what to do instead. */
export function showCamera(state) {
  if (state === "reading") return void (document.body.dataset.decoder = "ready");
  document.body.dataset.camera = state;
  find("camera-text").textContent = state === "running" ? "" : text(`camera_${state}`);
  find("invitation").textContent = text(state === "running" ? "invitation" : "invitation_without_camera");
}

/** Show or clear (empty words) one of the standing notices. */
export function setNotice(name, words) {
  const notice = find(`notice-${name}`);
  notice.textContent = words;
  notice.hidden = !words;
}

/** Show the server's answer to a scan. */
export function showAnswer(answer) {
  const kind = kindOf(answer);
  const title = KINDS[answer.outcome] ? text(answer.outcome) : text(kind === "error" ? "refused" : "noted");
  // Only what was counted can be taken back.
  const isPlain = ["in", "out", "warned"].includes(kind) && answer.outcome !== "card_enrolled";
  showResult(kind, {
    title,
    name: answer.member?.name ?? "",
    // Who forgot to check out lately is asked when that was; a training or a risk is told.
    words: isPlain && !answer.forgotten_on && !answer.remark ? "" : answer.message,
    figures: kind === "error" ? [] : figuresOf(answer),
  });
  if (isPlain) offerUndo(answer, title);
  else if (kind === "undone") withdrawUndo();
}

/** The scan is safe on this device, but the server has not answered yet. */
export function showStored() {
  showResult("stored", { title: text("stored"), words: text("stored_words") });
}

/** The scan could not be kept. Stays until the next scan: somebody has to come. */
export function showUnsaved() {
  showResult("error", { title: text("unsaved"), words: text("unsaved_words") }, Infinity);
}

/** Something was read that is no card of ours. */
export function showStranger(words) {
  showResult("repeat", { title: text("stranger"), words });
}

/** The last scan could not be taken back; the words say why, empty ones mean that the server was silent. */
export function showNotUndone(words) {
  showResult("error", { title: text("not_undone"), words: words || text("offline") });
}

/** True when nobody is looking at a result. */
export function isIdle() {
  return !document.body.dataset.result;
}

/** A repeated answer says only "duplicate"; what it was the first time shows in the outcome. */
function kindOf({ status, outcome, remark }) {
  if (remark === "uninsured") return "warned";
  return KINDS[outcome] ?? (status === "accepted" ? "repeat" : "error");
}

function figuresOf({ record, totals }) {
  const figures = [];
  if (record?.checked_out_at) figures.push([text("this_time"), hours(record.minutes)]);
  if (totals) figures.push([text("today"), hours(totals.today_minutes)], [text("this_year"), hours(totals.year_minutes)]);
  return figures;
}

/** Rounded down: nobody is shown more than was counted. */
function hours(minutes) {
  return text("hours", { n: (Math.floor(minutes / 6) / 10).toFixed(1) });
}

function showResult(kind, { title, name = "", words = "", figures = [] }, duration = RESULT_MS) {
  clearTimeout(returning);
  find("about").close();
  const result = find("result-template").content.cloneNode(true);
  result.querySelector("use").setAttribute("href", `#icon-${kind}`);
  fill(result.querySelector(".result-title"), title);
  fill(result.querySelector(".result-name"), name);
  fill(result.querySelector(".result-words"), words);
  result.querySelector(".figures").append(...figures.map(figure));
  result.querySelector(".figures").hidden = !figures.length;
  document.body.dataset.result = kind;
  find("result").replaceChildren(result);
  play(kind);
  if (duration !== Infinity) returning = setTimeout(clearResult, duration);
}

function clearResult() {
  delete document.body.dataset.result;
  find("result").replaceChildren();
}

function fill(element, words) {
  element.textContent = words;
  element.hidden = !words;
}

function figure([label, value]) {
  const item = document.createElement("div");
  const [term, description] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = label;
  description.textContent = value;
  item.append(term, description);
  return item;
}

function offerUndo(answer, title) {
  undoable = { id: answer.id, until: performance.now() + UNDO_MS };
  find("last").textContent = `${answer.member?.name ?? ""} ${title} ${clockTime(new Date(Date.now() + serverAhead))}`;
  tick();
}

function withdrawUndo() {
  undoable = null;
  find("last").textContent = "";
  tick();
}

/** The id of the scan that may still be taken back, or null. */
export function undoableScan() {
  return undoable && performance.now() < undoable.until ? undoable.id : null;
}

/** Start the clock; also counts down the time in which the last scan can be taken back. */
export function startClock() {
  tick();
  setInterval(tick, 250);
}

function tick() {
  const now = new Date(Date.now() + serverAhead);
  const date = { timeZone, month: "long", day: "numeric", weekday: "long" };
  setText(find("clock"), clockTime(now));
  setText(find("date"), new Intl.DateTimeFormat(LOCALE, date).format(now));
  if (!undoableScan()) undoable = null;
  find("undo").hidden = !undoable;
  find("last").hidden = !undoable;
  if (undoable) setText(find("undo-text"), text("undo", { n: Math.ceil((undoable.until - performance.now()) / 1000) }));
}

function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function clockTime(instant) {
  const time = { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(LOCALE, time).format(instant);
}
