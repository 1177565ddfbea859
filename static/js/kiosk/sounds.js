/* Sounds: one short tune for each kind of result, so that nobody has to look up. */

const TUNES = {
  // kind: [frequency in Hz, start in s, length in s] of each tone
  in: [[659, 0, 0.12], [880, 0.13, 0.22]],
  out: [[880, 0, 0.12], [659, 0.13, 0.22]],
  stored: [[740, 0, 0.16]],
  repeat: [[587, 0, 0.09], [587, 0.16, 0.09], [587, 0.32, 0.09]],
  warned: [[659, 0, 0.12], [587, 0.2, 0.12], [587, 0.38, 0.22]],
  undone: [[523, 0, 0.16], [392, 0.17, 0.2]],
  error: [[220, 0, 0.3], [185, 0.34, 0.45]],
};
const LOUDNESS = 0.35;

let context = null;

/** True when the browser lets the page make a sound; without a touch it may refuse. */
export async function mayPlay() {
  if (!("AudioContext" in window)) return true;
  context ??= new AudioContext();
  if (context.state === "suspended") {
    const settled = new Promise((resolve) => context.addEventListener("statechange", resolve, { once: true }));
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 400))]);
  }
  return context.state === "running";
}

/** Ask again, from inside a touch or a key. */
export function allowSound() {
  context?.resume().catch(() => {});
}

/** Play the tune of a kind of result; silent when the browser does not allow it. */
export function play(kind) {
  if (context?.state !== "running") return;
  for (const [frequency, start, length] of TUNES[kind] ?? []) tone(frequency, context.currentTime + start, length, kind);
}

function tone(frequency, start, length, kind) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = kind === "error" ? "square" : "sine";
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.01);
  gain.gain.setValueAtTime(LOUDNESS, start + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, start + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}
