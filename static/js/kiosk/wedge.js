/* Scanners and card readers that type like a keyboard.

   No text field may have the focus: a Chinese input method would swallow the digits. Keys are taken on the
   window before anyone else sees them, so that the closing Enter never presses a button. */

import { tokenAtEnd } from "./tokens.js";

const GAP_MS = 300;
const LONGEST = 80;
const SHORTEST_LINE = 4;
const SLOWEST_MEAN_MS = 80;

export class Wedge {
  #buffer = "";
  #first = 0;
  #last = -Infinity;
  #finished = -Infinity;
  #heard;

  /** `isListening()` is asked at each key; `onToken` and `onLine` hear what a scanner typed. */
  constructor({ isListening, onToken, onLine }) {
    this.#heard = { isListening, onToken, onLine };
    addEventListener("keydown", (event) => this.#press(event), { capture: true });
  }

  #press(event) {
    if (!this.#heard.isListening() || isEditable(event.target)) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const now = event.timeStamp;
    if (now - this.#last > GAP_MS) this.#buffer = "";
    if (["Enter", "NumpadEnter", "Tab"].includes(event.code || event.key)) return this.#end(event, now);
    const character = characterOf(event);
    if (character) this.#add(event, character, now);
  }

  #add(event, character, now) {
    if (!this.#buffer) this.#first = now;
    this.#buffer = (this.#buffer + character).slice(-LONGEST);
    this.#last = now;
    if (this.#buffer.length > 1) swallow(event);
    const token = tokenAtEnd(this.#buffer);
    if (!token) return;
    this.#buffer = "";
    this.#finished = now;
    this.#heard.onToken(token);
  }

  #end(event, now) {
    const line = this.#buffer;
    this.#buffer = "";
    if (line || now - this.#finished <= GAP_MS) swallow(event);
    const mean = (this.#last - this.#first) / line.length;
    if (line.length >= SHORTEST_LINE && mean < SLOWEST_MEAN_MS) this.#heard.onLine(line);
  }
}

/** The character of a key. Under an input method `key` says only "Process", but `code` still names the key. */
function characterOf(event) {
  const composing = event.isComposing || event.keyCode === 229 || event.key === "Process";
  const key = event.key.normalize("NFKC");
  if (!composing && key.length === 1) return key >= " " && key <= "~" ? key.toUpperCase() : null;
  if (!composing) return null;
  const letterOrDigit = event.code.match(/^(?:Key|Digit|Numpad)([A-Z0-9])$/);
  if (letterOrDigit) return letterOrDigit[1];
  return { Minus: "-", NumpadSubtract: "-", Comma: ",", Slash: "/", Semicolon: ":" }[event.code] ?? null;
}

function isEditable(target) {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
