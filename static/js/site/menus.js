/** Shuts an open group of the main menu on Escape, or when somebody presses or goes elsewhere.
 *
 * Without this code a group shuts when it is pressed again or another one is opened.
 */

const groups = document.querySelectorAll(".menu-group");

function shutOthers(inside) {
  for (const group of groups) if (group.open && !group.contains(inside)) group.open = false;
}

document.addEventListener("pointerdown", (event) => shutOthers(event.target));
document.addEventListener("focusin", (event) => shutOthers(event.target));
document.addEventListener("keydown", (event) => {
  const open = [...groups].find((group) => group.open);
  if (event.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
