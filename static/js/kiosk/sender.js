/* The sender: brings kept scans to the server, as often as it takes.

   A scan leaves the queue only when the server's answer names its id. Everything else (no answer, an error,
   a page of some captive portal) means: keep it and try again, later each time. */

import { boot } from "./ids.js";
import { sendScans } from "./server.js";

const HEARTBEAT_MS = 20_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const LARGEST_BATCH = 50;
const FINAL = new Set(["accepted", "duplicate", "refused", "quarantined"]);

export class Sender {
  #queue;
  #terminal;
  #onAnswers;
  #onState;
  #batch = LARGEST_BATCH;
  #failures = 0;
  #wake = null;
  #poked = false;
  #stopped = false;
  #quietUntil = 0;

  /** `terminal()` gives `{key, station}`; `onState(state, serverNow)` hears online, offline or revoked. */
  constructor(queue, { terminal, onAnswers, onState }) {
    this.#queue = queue;
    this.#terminal = terminal;
    this.#onAnswers = onAnswers;
    this.#onState = onState;
  }

  /** Run until `stop`. A revoked key is tried on: the scans stay, and the key may be given back. */
  async run() {
    addEventListener("online", () => this.poke());
    while (!this.#stopped) {
      this.#poked = false;
      const pause = await this.#round();
      if (!this.#poked && !this.#stopped) await this.#rest(pause);
    }
  }

  stop() {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Something new is waiting: do not rest any longer (unless the server asked for quiet). */
  poke() {
    if (performance.now() < this.#quietUntil) return;
    this.#poked = true;
    this.#wake?.();
  }

  async #round() {
    const { key, station } = this.#terminal();
    try {
      const scans = await this.#queue.list(station.code, this.#batch);
      const { pending } = await this.#queue.count(station.code);
      const reply = await sendScans(key, scans.map(asSent), pending);
      const answers = answersTo(scans, reply);
      if (answers.length) await this.#queue.settle(answers);
      this.#failures = 0;
      this.#batch = Math.min(LARGEST_BATCH, this.#batch * 2);
      this.#onState("online", Date.parse(reply.received_at));
      await this.#onAnswers(answers);
      return pending > answers.length ? 0 : HEARTBEAT_MS;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error) {
    this.#failures += 1;
    if (error.status === 413) this.#batch = Math.max(1, Math.floor(this.#batch / 2));
    this.#onState(error.status === 401 ? "revoked" : "offline");
    if (error.status === 413 && this.#batch > 1) return 0;
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    // Stations that lost the same server must not all come back in the same instant.
    const pause = Math.max(wait * (0.5 + Math.random() / 2), (error.retryAfter ?? 0) * 1000);
    if (error.retryAfter) this.#quietUntil = performance.now() + pause;
    return pause;
  }

  #rest(pause) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The scan as the contract wants it. The age counts only within one boot: another boot has another clock. */
function asSent(scan) {
  const { id, seq, token, medium, at } = scan;
  const sent = { id, seq, token, medium, at, boot: scan.boot };
  if (scan.boot === boot) sent.age_ms = Math.max(0, Math.round(performance.now() - scan.mono));
  return sent;
}

/** The answers that name a scan we sent; anything else is no answer. */
function answersTo(scans, reply) {
  if (!Array.isArray(reply.answers) || Number.isNaN(Date.parse(reply.received_at))) {
    throw new Error("not an answer to scans");
  }
  const sent = new Set(scans.map((scan) => scan.id));
  const answers = reply.answers.filter((answer) => sent.has(answer?.id) && FINAL.has(answer.status));
  if (scans.length && !answers.length) throw new Error("no scan was answered");
  return answers;
}
