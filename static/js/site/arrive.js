/** Keeps a page of work in progress up to date: `<section id="…" data-arrive-every="1">`, in seconds.
 *
 * The page is asked for again. While it still holds the part, the part is replaced; as soon as it
 * does not, the work has arrived and the page is opened anew. Without this code the page refreshes itself.
 */

async function look(part) {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return part;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh || response.redirected) {
    location.reload();
    return null;
  }
  if (part.contains(document.activeElement)) {
    // The keyboard stays where it is: only the figures change.
    for (const name of ["[role=status]", "progress"]) {
      const [was, is] = [part.querySelector(name), fresh.querySelector(name)];
      if (was && is) was.replaceWith(document.adoptNode(is));
    }
    return part;
  }
  const adopted = document.adoptNode(fresh);
  part.replaceWith(adopted);
  return adopted;
}

function watch(part) {
  const seconds = Number(part.dataset.arriveEvery);
  if (!seconds) return;
  setTimeout(async () => {
    let next = part;
    try {
      if (!document.hidden) next = await look(part);
    } catch {
      // The network is gone for a moment: what is shown stays, and the next round tries again.
    }
    if (next) watch(next);
  }, seconds * 1000);
}

for (const part of document.querySelectorAll("[data-arrive-every]")) watch(part);
