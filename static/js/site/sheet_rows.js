/** Enter goes to the next field of a paper sheet, as on a form filled in from top to bottom.
 *
 * At the last field it goes to the next button. Without this code Enter asks for more rows; it never submits.
 */

const fields = [...document.querySelectorAll(".sheet-rows input")];

document.querySelector(".sheet-rows")?.addEventListener("keydown", (event) => {
  const at = fields.indexOf(event.target);
  // While an input method composes, Enter is its own.
  if (event.key !== "Enter" || event.isComposing || at < 0) return;
  event.preventDefault();
  const next = fields[at + 1] ?? event.target.form.querySelector("button[name=more]");
  next.focus();
  next.select?.();
});
