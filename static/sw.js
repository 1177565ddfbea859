/* Keeps the kiosk page, its code and its style, so that a station starts without a server.

   VERSION is the fingerprint of the kept files (`python tools/vendor.py stamp` writes it); a change of any of
   them makes a new worker, which fetches all of them before it replaces the old one. */

const VERSION = "06b0abd1125d";
const PAGE = "/kiosk";
const PAGE_DEADLINE_MS = 2500;
const KEPT = [
  "/static/css/kiosk.css",
  "/static/js/kiosk/awake.js",
  "/static/js/kiosk/camera.js",
  "/static/js/kiosk/decoder.js",
  "/static/js/kiosk/held.js",
  "/static/js/kiosk/ids.js",
  "/static/js/kiosk/main.js",
  "/static/js/kiosk/nfc.js",
  "/static/js/kiosk/offline.js",
  "/static/js/kiosk/profiles.js",
  "/static/js/kiosk/queue.js",
  "/static/js/kiosk/screen.js",
  "/static/js/kiosk/sender.js",
  "/static/js/kiosk/server.js",
  "/static/js/kiosk/sounds.js",
  "/static/js/kiosk/station.js",
  "/static/js/kiosk/texts.js",
  "/static/js/kiosk/tokens.js",
  "/static/js/kiosk/wedge.js",
  "/static/vendor/zxing-wasm-3.1.4/es/reader/index.js",
  "/static/vendor/zxing-wasm-3.1.4/es/share.js",
  "/static/vendor/zxing-wasm-3.1.4/zxing_reader.wasm",
];
const CACHE = `kiosk-${VERSION}`;

addEventListener("install", (event) => {
  const fresh = [PAGE, ...KEPT].map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropOldCaches(), clients.claim()]));
});

addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === PAGE) event.respondWith(page(event.request));
  else if (KEPT.includes(url.pathname)) event.respondWith(kept(event.request));
});

async function dropOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("kiosk-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The page as the server has it now, or the kept one when the server is silent or something else answers. */
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    // A navigation request cannot be sent with a deadline; its address can.
    const response = await fetch(request.url, { signal: AbortSignal.timeout(PAGE_DEADLINE_MS) });
    const isOurs = response.ok && !response.redirected && (await response.clone().text()).includes('id="texts"');
    if (!isOurs) throw new Error("not the kiosk page");
    await cache.put(PAGE, response.clone());
    return response;
  } catch {
    return (await cache.match(PAGE, { ignoreVary: true })) ?? Response.error();
  }
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}
