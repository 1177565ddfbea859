/* One card held up is one scan, however many pictures are taken of it.

   A token is taken again only after it was out of sight for ABSENT_MS and at least AGAIN_MS after it
   was taken. Times are milliseconds of the monotonic clock, except in what is written down. */

export const ABSENT_MS = 1500;
export const AGAIN_MS = 3000;
const REMEMBERED_MS = 60_000;

export class Held {
  #entries = new Map();

  /** `written` is what `write` gave before the page was reloaded; a reload does not count as absence. */
  constructor(written, now, wall) {
    for (const [token, times] of Object.entries(written ?? {})) {
      const sinceSeen = wall - times.seen;
      if (sinceSeen < 0 || sinceSeen > REMEMBERED_MS) continue;
      this.#entries.set(token, { accepted: now - (wall - times.accepted), seen: now });
    }
  }

  /** Note that the token is in sight; true when this is a new scan. */
  see(token, now) {
    const entry = this.#entries.get(token);
    if (!entry) {
      this.#entries.set(token, { accepted: now, seen: now });
      return true;
    }
    const isNew = now - entry.seen >= ABSENT_MS && now - entry.accepted >= AGAIN_MS;
    entry.seen = now;
    if (isNew) entry.accepted = now;
    return isNew;
  }

  /** Forget a token whose scan could not be kept, so that holding it up again tries again. */
  forget(token) {
    this.#entries.delete(token);
  }

  /** What to keep over a reload, in wall-clock times. */
  write(now, wall) {
    const written = {};
    for (const [token, times] of this.#entries) {
      if (now - times.seen > REMEMBERED_MS) this.#entries.delete(token);
      else written[token] = { accepted: wall - (now - times.accepted), seen: wall - (now - times.seen) };
    }
    return written;
  }
}
