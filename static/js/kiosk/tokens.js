/* Card tokens: what may stand in a QR code, an NDEF record or a scanner's keystrokes.
   Only the server can tell whether the check characters are right. */

const TOKEN = "VC1-[0-9A-HJKMNP-TV-Z]{24}";
const ENDS_WITH_TOKEN = new RegExp(`${TOKEN}$`);
const IS_TOKEN = new RegExp(`^(?:.*/)?(${TOKEN})$`, "s");

/** The token at the end of what was typed so far, or null. */
export function tokenAtEnd(typed) {
  return typed.match(ENDS_WITH_TOKEN)?.[0] ?? null;
}

/** The token that a text is, or that a link has as its last path part; null for anything else. */
export function tokenIn(content) {
  return content.trim().match(IS_TOKEN)?.[1] ?? null;
}
