/* Reader profiles: how a USB card reader writes a UID, and how to get the full UID back as upper-case hex.

   6h8d and 2h4h readers give only three bytes of the UID: such a number may belong to several cards. */

const FULL_HEX = /^(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{20})$/;
const LARGEST_32_BITS = 0xffffffff;
const LARGEST_24_BITS = 0xffffff;

export const TRUNCATING = new Set(["6h8d", "2h4h"]);

const READ = {
  hex: readHex,
  hex_reversed: (line) => reverseBytes(readHex(line)),
  decimal10: readDecimal,
  decimal10_reversed: (line) => reverseBytes(readDecimal(line)),
  "6h8d": read6h8d,
  "2h4h": read2h4h,
};

/** The UID in a line typed by a reader with that profile, or null when the line is not in that format. */
export function uidOf(profile, line) {
  const read = READ[profile] ?? READ.hex;
  return read(line.trim().toUpperCase());
}

function readHex(line) {
  const plain = line.replace(/[:\- ]/g, "");
  return FULL_HEX.test(plain) ? plain : null;
}

function readDecimal(line) {
  if (!/^\d{8,10}$/.test(line)) return null;
  const number = Number(line);
  return number <= LARGEST_32_BITS ? hex(number, 8) : null;
}

function read6h8d(line) {
  if (!/^\d{8}$/.test(line)) return null;
  const number = Number(line);
  return number <= LARGEST_24_BITS ? hex(number, 6) : null;
}

function read2h4h(line) {
  const match = line.match(/^(\d{3}),?(\d{5})$/);
  if (!match) return null;
  const [high, low] = [Number(match[1]), Number(match[2])];
  return high <= 0xff && low <= 0xffff ? hex(high, 2) + hex(low, 4) : null;
}

function reverseBytes(uid) {
  return uid && uid.match(/../g).reverse().join("");
}

function hex(number, digits) {
  return number.toString(16).toUpperCase().padStart(digits, "0");
}
