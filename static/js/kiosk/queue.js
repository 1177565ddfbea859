/* The queue: scans in IndexedDB until the server has answered them.

   A scan counts as kept only when the transaction is complete with strict durability: without it a power
   cut loses scans that the page had already confirmed. */

const DATABASE = "volunteer-clock";
const REFUSED_KEPT = 500;

export class Queue {
  #db = null;
  #seq = 0;

  /** Open, or reopen after the browser closed the database (site data cleared, disk trouble). */
  async open() {
    if (this.#db) return this.#db;
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("scans", { keyPath: "id" }).createIndex("seq", "seq");
      request.result.createObjectStore("refused", { autoIncrement: true });
      request.result.createObjectStore("facts");
    };
    const db = await done(request);
    db.onclose = () => (this.#db = null);
    db.onversionchange = () => db.close();
    this.#db = db;
    return db;
  }

  /** Keep a scan, give it the next number, and resolve when it is safely on the disk; rejects if it is not. */
  async keep(scan, held) {
    const tx = await this.#begin(["scans", "facts"], "strict");
    const facts = tx.objectStore("facts");
    const finished = committed(tx);
    const last = facts.get("seq");
    last.onsuccess = () => {
      this.#seq = Math.max(this.#seq, last.result ?? 0) + 1;
      scan.seq = this.#seq;
      tx.objectStore("scans").add(scan);
      facts.put(this.#seq, "seq");
      facts.put(held, "held");
    };
    await finished;
    return scan;
  }

  /** The oldest scans of that station, in the order they were taken. */
  async list(station, limit) {
    const scans = await this.#read("scans", (store) => store.index("seq").getAll());
    return scans.filter((scan) => scan.station === station).slice(0, limit);
  }

  /** How many scans wait: of that station, of other stations; and how many the server refused. */
  async count(station) {
    const scans = await this.#read("scans", (store) => store.getAll());
    const refused = await this.#read("refused", (store) => store.count());
    const pending = scans.filter((scan) => scan.station === station).length;
    return { pending, elsewhere: scans.length - pending, refused };
  }

  /** Take answered scans out; refused and quarantined ones move to a store that keeps the newest. */
  async settle(answers) {
    const tx = await this.#begin(["scans", "refused"], "strict");
    const finished = committed(tx);
    for (const answer of answers) {
      tx.objectStore("scans").delete(answer.id);
      if (answer.status === "refused" || answer.status === "quarantined") {
        tx.objectStore("refused").add({ ...answer, at: new Date().toISOString() });
      }
    }
    await finished;
    await this.#trimRefused();
  }

  /** The newest refused answers, newest first; `at` is when the answer came. */
  async listRefused(limit) {
    const answers = await this.#read("refused", (store) => store.getAll());
    return answers.slice(-limit).reverse();
  }

  /** A remembered fact (the key, the station, the chosen camera), or undefined. */
  fact(name) {
    return this.#read("facts", (store) => store.get(name));
  }

  async remember(name, value, durability = "strict") {
    const tx = await this.#begin(["facts"], durability);
    const finished = committed(tx);
    if (value === undefined) tx.objectStore("facts").delete(name);
    else tx.objectStore("facts").put(value, name);
    await finished;
  }

  async #trimRefused() {
    const keys = await this.#read("refused", (store) => store.getAllKeys());
    if (keys.length <= REFUSED_KEPT) return;
    const tx = await this.#begin(["refused"], "relaxed");
    tx.objectStore("refused").delete(IDBKeyRange.upperBound(keys[keys.length - REFUSED_KEPT - 1]));
    await committed(tx);
  }

  async #read(name, ask) {
    const db = await this.open();
    return done(ask(db.transaction(name, "readonly").objectStore(name)));
  }

  async #begin(names, durability) {
    const db = await this.open();
    return db.transaction(names, "readwrite", { durability });
  }
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function committed(tx) {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new DOMException("not saved", "AbortError"));
  });
}
