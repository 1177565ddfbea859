/* NFC in the browser: Chrome on Android only. The single place that knows NDEFReader. */

import { tokenIn } from "./tokens.js";

const TEXT_TYPES = new Set(["text", "url", "absolute-url"]);

export function hasNfc() {
  return "NDEFReader" in window;
}

/** True when scanning may begin without somebody touching the screen first. */
export async function isNfcAllowed() {
  try {
    return (await navigator.permissions.query({ name: "nfc" })).state === "granted";
  } catch {
    return false;
  }
}

/** Report each tag: our token when its records hold one, else its UID in upper-case hex; null when it has neither. */
export async function watchNfc({ onTag, onError }) {
  const reader = new NDEFReader();
  reader.addEventListener("reading", ({ message, serialNumber }) => {
    onTag(tokenOn(message) ?? (serialNumber.replace(/[^0-9A-Fa-f]/g, "").toUpperCase() || null));
  });
  reader.addEventListener("readingerror", onError);
  await reader.scan();
}

function tokenOn(message) {
  for (const record of message?.records ?? []) {
    if (!TEXT_TYPES.has(record.recordType) || !record.data) continue;
    const token = tokenIn(new TextDecoder(record.encoding || "utf-8").decode(record.data));
    if (token) return token;
  }
  return null;
}
