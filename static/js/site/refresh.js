/** Keeps a part of a page up to date: `<div id="…" data-refresh-every="15">`, in seconds.
 *
 * The same page is asked for again and the part with the same id replaced where it changed.
 * Waits while the tab is hidden or the person's keyboard focus is inside the part.
 * Stops when the new part no longer asks to be refreshed. Without this code the page is complete.
 */

async function renew(part) {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return part;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh) return part;
  if (fresh.innerHTML === part.innerHTML) return part;
  const adopted = document.adoptNode(fresh);
  part.replaceWith(adopted);
  return adopted;
}

function keepFresh(part) {
  const seconds = Number(part.dataset.refreshEvery);
  if (!seconds) return;
  setTimeout(async () => {
    let next = part;
    try {
      if (!document.hidden && !part.contains(document.activeElement)) next = await renew(part);
    } catch {
      // The network is gone for a moment: what is shown stays, and the next round tries again.
    }
    keepFresh(next);
  }, seconds * 1000);
}

for (const part of document.querySelectorAll("[data-refresh-every]")) keepFresh(part);
