// The recommendations: suggestions while typing, the list without leaving the page.
import { at, call } from "./dom.js";
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
    history.replaceState(null, "", `${at}?${new URLSearchParams(new FormData(form))}`);
    askAgain();
  });
  list.addEventListener("click", event => {
    const example = event.target.closest("[data-user]");
    if (!example) return;
    event.preventDefault();
    form.elements.user.value = example.dataset.user;
    form.requestSubmit();
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

/** Offers the versions that the list of models shows. */
export function offerVersions() {
  const select = form.elements.version, chosen = select.value;
  const versions = [...document.querySelectorAll("#models [data-version]")].map(line => line.dataset.version);
  select.replaceChildren(new Option("in use", "0"), ...versions.map(version => new Option(`v${version}`, version)));
  select.value = versions.includes(chosen) ? chosen : "0";
}

async function suggest() {
  const prefix = form.elements.user.value.trim();
  const users = await call(`${form.dataset.users}&prefix=${encodeURIComponent(prefix)}&count=20`).catch(() => null);
  if (users) { // while the cluster is away, the suggestions stay as they are
    document.getElementById("users").replaceChildren(...users.map(user => new Option(user, user)));
  }
}
