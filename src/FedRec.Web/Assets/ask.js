// The recommendations: suggestions while typing, the list without leaving the page.
import { call } from "./dom.js";
import { replace } from "./fragments.js";

const form = document.getElementById("ask");
const list = document.getElementById("recommended");
let asked = false;

export function startAsk() {
  if (!form) return;
  asked = form.elements.user.value.trim() !== "";
  form.addEventListener("submit", event => {
    event.preventDefault();
    asked = true;
    history.replaceState(null, "", `/fedrec?${new URLSearchParams(new FormData(form))}`);
    askAgain();
  });
  let timer = 0;
  form.elements.user.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 150);
  });
}

/** Asks again for the user chosen; called when another model is in use. */
export async function askAgain() {
  if (!asked) return;
  const query = new URLSearchParams(new FormData(form));
  query.delete("federation"); // the address has it
  query.delete("run");
  await replace(list, `${form.dataset.fragmentFor}&${query}`).catch(error => {
    list.textContent = `The list could not be fetched. ${error.message}`;
  });
}

async function suggest() {
  const prefix = form.elements.user.value.trim();
  const users = await call(`${form.dataset.users}&prefix=${encodeURIComponent(prefix)}&count=20`).catch(() => null);
  if (users) { // while the cluster is away, the suggestions stay as they are
    document.getElementById("users").replaceChildren(...users.map(user => new Option(user, user)));
  }
}
