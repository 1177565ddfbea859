/* The kiosk page: puts the parts together. */

import { fillScreen, keepAwake, ownStation } from "./awake.js";
import { Camera } from "./camera.js";
import { Held } from "./held.js";
import { hasNfc, isNfcAllowed, watchNfc } from "./nfc.js";
import { keepOffline } from "./offline.js";
import { TRUNCATING, uidOf } from "./profiles.js";
import { Queue } from "./queue.js";
import * as screen from "./screen.js";
import { Sender } from "./sender.js";
import { enrol, getStation, VERSION } from "./server.js";
import { allowSound, mayPlay } from "./sounds.js";
import { Station } from "./station.js";
import { text } from "./texts.js";
import { tokenIn } from "./tokens.js";
import { Wedge } from "./wedge.js";

const STATION_ASKED_EVERY_MS = 10 * 60_000;
const REFUSED_SHOWN = 5;

const find = (id) => document.getElementById(id);
const queue = new Queue();
let terminal = null;
let station = null;
let sender = null;
let stationAskedAt = -Infinity;

async function start() {
  screen.startClock();
  if (!window.isSecureContext) screen.setNotice("insecure", text("insecure"));
  try {
    await queue.open();
    await ownStation(() => screen.showView("taken"));
    terminal = await queue.fact("terminal");
  } catch {
    return screen.showView("broken");
  }
  keepOffline(screen.isIdle).catch(() => screen.setNotice("online-only", text("online_only")));
  prepareEnrolment();
  const code = codeInAddress();
  if (!terminal || code) return askForCode(code);
  return startStation();
}

/* Enrolment */

function codeInAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
  // The code must not stay in the address bar, in bookmarks or in the history.
  if (code) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

function askForCode(code = "") {
  find("code").value = code;
  find("enrol-error").hidden = true;
  find("enrol-cancel").hidden = !terminal;
  screen.showView("enrol");
  find(code ? "enrol-submit" : "code").focus();
}

function prepareEnrolment() {
  find("enrol-form").addEventListener("submit", (event) => {
    event.preventDefault();
    enrolWith(find("code").value.normalize("NFKC").trim().toUpperCase());
  });
  find("enrol-cancel").addEventListener("click", startStation);
  for (const id of ["re-enrol", "about-re-enrol"]) find(id).addEventListener("click", () => askForCode());
}

async function enrolWith(code) {
  find("enrol-submit").disabled = true;
  try {
    const { key, terminal_id, station: where } = await enrol(code);
    terminal = { key, terminal_id, station: where };
    await queue.remember("terminal", terminal);
    find("code").value = "";
    await startStation();
  } catch (error) {
    find("enrol-error").textContent = error.message && error.status ? error.message : text("enrol_failed");
    find("enrol-error").hidden = false;
  } finally {
    find("enrol-submit").disabled = false;
  }
}

/* The station */

async function startStation() {
  find("about").close();
  screen.showTerminal(terminal);
  screen.showView("station");
  document.activeElement?.blur();
  stationAskedAt = -Infinity;
  if (!station) await firstStart();
  await station.count();
  sender.poke();
}

async function firstStart() {
  const held = new Held(await queue.fact("held"), performance.now(), Date.now());
  const now = () => terminal;
  station = new Station(queue, held, { terminal: now, wake: () => sender.poke() });
  sender = new Sender(queue, { terminal: now, onAnswers: (answers) => station.hear(answers), onState: connection });
  screen.showConnection("connecting");
  sender.run();
  startReaders(await queue.fact("camera"));
  prepareButtons();
  keepAwake();
  await offerStart();
}

function connection(state, serverNow) {
  screen.showConnection(state, serverNow);
  if (state === "online" && performance.now() - stationAskedAt > STATION_ASKED_EVERY_MS) askStation();
}

/** What the admin changed (names, direction, reader profile) reaches the terminal here. */
async function askStation() {
  stationAskedAt = performance.now();
  try {
    terminal = { ...terminal, ...(await getStation(terminal.key)) };
    screen.showTerminal(terminal);
    const profile = terminal.terminal.reader_profile;
    screen.setNotice("truncating", TRUNCATING.has(profile) ? text("truncating") : "");
    screen.setNotice("today", terminal.notice ?? "");
    await queue.remember("terminal", terminal);
  } catch {
    stationAskedAt = -Infinity;
  }
}

function startReaders(deviceId) {
  const isOpen = () => document.body.dataset.view === "station";
  const take = (token, medium) => isOpen() && station.take(token, medium);
  new Wedge({
    isListening: isOpen,
    onToken: (token) => take(token, "keyboard"),
    onLine: (line) => readLine(line, take),
  });
  const camera = new Camera(find("camera"), {
    onText: (content) => isOpen() && readCode(content, take),
    onState: screen.showCamera,
    deviceId,
  });
  camera.watch();
  find("switch-camera").addEventListener("click", async () => {
    const chosen = await camera.switch();
    if (chosen) await queue.remember("camera", chosen);
  });
}

function readCode(content, take) {
  const token = tokenIn(content);
  if (token) take(token, "qr");
  else station.refuse(content, text("stranger_code"));
}

function readLine(line, take) {
  const token = tokenIn(line);
  const uid = token ?? uidOf(terminal.terminal?.reader_profile ?? "hex", line);
  if (uid) take(uid, "keyboard");
  else station.refuse(line, text("stranger_line"));
}

function startNfc() {
  const onTag = (token) => (token ? station.take(token, "nfc") : station.refuse("tag", text("stranger_tag")));
  const onError = () => station.refuse("tag", text("nfc_again"));
  watchNfc({ onTag, onError }).then(
    () => screen.setNotice("nfc", ""),
    () => screen.setNotice("nfc", text("nfc_denied")),
  );
}

/** Sound, NFC and the full screen may need one touch; scanning does not wait for it. */
async function offerStart() {
  const isNfcWaiting = hasNfc() && !(await isNfcAllowed());
  if (hasNfc() && !isNfcWaiting) startNfc();
  const isQuiet = !(await mayPlay());
  if (!isQuiet && !isNfcWaiting) return;
  find("start").hidden = false;
  const begin = () => {
    if (find("start").hidden) return;
    find("start").hidden = true;
    allowSound();
    fillScreen();
    if (isNfcWaiting) startNfc();
  };
  find("start-button").addEventListener("click", begin);
  addEventListener("keydown", begin, { capture: true, once: true });
}

function prepareButtons() {
  find("undo").addEventListener("click", () => {
    document.activeElement?.blur();
    station.undo();
  });
  find("about-open").addEventListener("click", showAbout);
  find("about-close").addEventListener("click", () => find("about").close());
  addEventListener("blur", () => screen.setNotice("focus", text("focus_lost")));
  addEventListener("focus", () => screen.setNotice("focus", ""));
}

async function showAbout() {
  find("about").showModal();
  await station.count();
  screen.showRefused(await queue.listRefused(REFUSED_SHOWN));
  const isKept = (await navigator.storage?.persisted?.()) ?? false;
  find("about-persisted").textContent = text(isKept ? "yes" : "no");
  find("about-profile").textContent = terminal.terminal?.reader_profile ?? "hex";
  find("about-version").textContent = VERSION;
}

start();
