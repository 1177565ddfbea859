/* The page without a server: the service worker keeps page, code and style. */

/** Register the service worker and let a newer one take over while `isIdle()`; the page then starts anew. */
export async function keepOffline(isIdle) {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  let isControlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isControlled) location.reload();
    isControlled = true;
  });
  setInterval(() => {
    if (registration.waiting && isIdle()) registration.waiting.postMessage("take over");
  }, 5000);
  setInterval(() => registration.update().catch(() => {}), 30 * 60_000);
  navigator.storage?.persist?.();
}
