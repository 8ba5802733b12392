// Parts of the page that the server renders again.
import { at, localTimes } from "./dom.js";

const newest = new WeakMap();

/** Replaces an element's content by what the server renders; an answer that was overtaken is dropped. */
export async function replace(element, address) {
  const turn = (newest.get(element) ?? 0) + 1;
  newest.set(element, turn);
  element.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { headers: { accept: "text/html" } });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const html = await response.text();
    if (newest.get(element) === turn) {
      swap(element, html);
    }
  } finally {
    if (newest.get(element) === turn) element.removeAttribute("aria-busy");
  }
}

/** Refreshes the part of a name, such as "rounds", wherever it stands. */
export async function refresh(name) {
  for (const element of document.querySelectorAll(`[data-fragment^="${at}/fragments/${name}"]`)) {
    await replace(element, element.dataset.fragment);
  }
}

// The reader's place is kept: the scroll position stays with its element, the focus goes back to the same button.
function swap(element, html) {
  const focused = element.contains(document.activeElement) ? document.activeElement.closest("[data-api]")?.dataset.api : null;
  element.innerHTML = html;
  localTimes(element);
  if (focused) [...element.querySelectorAll("[data-api]")].find(f => f.dataset.api === focused)?.querySelector("button")?.focus();
}
