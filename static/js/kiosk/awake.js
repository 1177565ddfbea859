/* Keeping the screen on, whole and ours. */

/** Ask for a wake lock now and each time the page comes back into view; the browser drops it when hidden. */
export function keepAwake() {
  const ask = () => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}

/** Fill the screen; works only inside a touch, and a kiosk browser has done it already. */
export function fillScreen() {
  if (matchMedia("(display-mode: browser)").matches) document.documentElement.requestFullscreen?.().catch(() => {});
}

/** Hold the station for this window alone; resolves when no other window of this browser has it. */
export function ownStation(onWaiting) {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((resolve) => {
    const forever = new Promise(() => {});
    const hold = () => {
      resolve();
      return forever;
    };
    navigator.locks.request("station", { ifAvailable: true }, (lock) => {
      if (lock) return hold();
      onWaiting();
      navigator.locks.request("station", hold);
      return undefined;
    });
  });
}
