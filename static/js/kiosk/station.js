/* The station: what happens from a card being read to its result on the screen.

   The order is the promise: keep, then say so. */

import { boot, newId } from "./ids.js";
import * as screen from "./screen.js";
import { undo } from "./server.js";

const ANSWER_MS = 400;
const STILL_THERE_MS = 10_000;
const NOTE_HELD_EVERY_MS = 1000;

export class Station {
  #queue;
  #held;
  #terminal;
  #wake;
  #latest = null;
  #heldNoted = 0;

  /** `terminal()` gives the key and the station of this moment; `wake()` wakes the sender. */
  constructor(queue, held, { terminal, wake }) {
    this.#queue = queue;
    this.#held = held;
    this.#terminal = terminal;
    this.#wake = wake;
  }

  /** A card was read. Resolves when its scan is kept (or known to be a card that is still held up). */
  async take(token, medium) {
    const now = performance.now();
    if (!this.#held.see(token, now)) return this.#noteHeld(now);
    const station = this.#terminal().station.code;
    const scan = { id: newId(), token, medium, at: new Date().toISOString(), mono: now, boot, station };
    try {
      await this.#queue.keep(scan, this.#held.write(now, Date.now()));
    } catch {
      this.#held.forget(token);
      this.#latest = null;
      return screen.showUnsaved();
    }
    this.#latest = { id: scan.id, mono: now };
    setTimeout(() => this.#showStoredIfUnanswered(scan.id), ANSWER_MS);
    this.#wake();
    return this.count();
  }

  /** Something was read that is no card of ours; said once for as long as it is held up. */
  refuse(content, words) {
    if (this.#held.see(`stranger:${content}`, performance.now())) screen.showStranger(words);
  }

  /** The server answered; the person who is standing there sees it, for the others it is too late. */
  async hear(answers) {
    const answer = answers.find(({ id }) => id === this.#latest?.id);
    if (answer) {
      if (performance.now() - this.#latest.mono < STILL_THERE_MS) screen.showAnswer(answer);
      this.#latest = null;
    }
    await this.count();
  }

  /** Take back the last answered scan. */
  async undo() {
    const id = screen.undoableScan();
    if (!id) return;
    try {
      const answer = await undo(this.#terminal().key, id);
      screen.showAnswer({ ...answer, outcome: "undone" });
    } catch (error) {
      screen.showNotUndone(error.message);
    }
  }

  /** Show how many scans wait. */
  async count() {
    screen.showPending(await this.#queue.count(this.#terminal().station.code));
  }

  #showStoredIfUnanswered(id) {
    if (this.#latest?.id === id) screen.showStored();
  }

  #noteHeld(now) {
    if (now - this.#heldNoted < NOTE_HELD_EVERY_MS) return undefined;
    this.#heldNoted = now;
    return this.#queue.remember("held", this.#held.write(now, Date.now()), "relaxed").catch(() => {});
  }
}
