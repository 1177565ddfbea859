/* The sentences of the page, in the language the server chose. */

const texts = JSON.parse(document.getElementById("texts").textContent);

export const language = document.documentElement.lang || "zh";

/** The sentence of that name with `{name}` places filled in; a name nobody translated is shown as it is. */
export function text(name, values = {}) {
  const sentence = texts[name] ?? name;
  return sentence.replace(/\{(\w+)\}/g, (_whole, key) => String(values[key] ?? ""));
}
