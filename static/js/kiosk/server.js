/* The server as a terminal sees it: four calls, each with a deadline. */

import { language } from "./texts.js";

export const VERSION = "1.0.0";
const DEADLINE_MS = 8000;

/** An answer that is not a success. `status` 0 means that no understandable answer came at all. */
export class NoSuccess extends Error {
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Exchange a one-time code for a key: `{terminal_id, key, station}`. */
export function enrol(code) {
  return call("POST", "/api/v1/terminals/enrol", null, { code, version: VERSION, kind: "kiosk" });
}

/** What the server knows about this terminal and its station. */
export function getStation(key) {
  return call("GET", "/api/v1/station", key);
}

/** Send scans; an empty list says only that this terminal is alive. */
export function sendScans(key, scans, pending) {
  const sent_at = new Date().toISOString();
  return call("POST", "/api/v1/scans", key, { sent_at, terminal: { pending, version: VERSION }, scans });
}

/** Take back the last scan; resolves to one answer. */
export function undo(key, id) {
  return call("POST", `/api/v1/scans/${encodeURIComponent(id)}/undo`, key, {});
}

async function call(method, path, key, body) {
  const headers = { Accept: "application/json", "Accept-Language": language };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  const options = { method, headers, cache: "no-store", credentials: "omit", redirect: "error" };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let response, answer;
  try {
    response = await fetch(path, { ...options, signal, body: body && JSON.stringify(body) });
    answer = await response.json();
  } catch (error) {
    // A captive portal's page and a reverse proxy's error page end here too: they are not JSON.
    throw new NoSuccess(response && !response.ok ? response.status : 0, error.message);
  }
  if (response.ok && answer !== null && typeof answer === "object") return answer;
  throw new NoSuccess(response.status, answer?.error?.message ?? "", seconds(response));
}

function seconds(response) {
  return Number(response.headers.get("Retry-After")) || 0;
}
