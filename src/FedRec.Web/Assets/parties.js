// Parties: the table is kept fresh while it can be seen, and an invitation is shown where it was asked for.
import { call, toast } from "./dom.js";
import { refresh } from "./fragments.js";

const interval = 5000;

export function startParties() {
  const section = document.getElementById("parties");
  if (!section) return;
  const form = section.querySelector("#invite"), steps = section.querySelector("#invitation");
  form.addEventListener("submit", event => {
    event.preventDefault();
    invite(form, steps);
  });
  steps.querySelector("[data-copy]").addEventListener("click", () => copy(steps.querySelector("[data-command]")));
  setInterval(() => { if (!document.hidden) refresh("parties").catch(() => {}); }, interval); // the next one tells more
}

async function invite(form, steps) {
  const button = form.querySelector("button"), given = new FormData(form);
  button.disabled = true;
  try {
    const body = JSON.stringify({ labels: given.get("labels"), hasManyUsers: given.get("users") === "many" });
    const made = await call(`${form.dataset.parties}/${encodeURIComponent(given.get("name"))}/invitation`,
      { method: "POST", headers: { accept: "application/json", "content-type": "application/json" }, body });
    steps.querySelector("[data-invited]").textContent = made.name;
    steps.querySelector("[data-command]").textContent = made.command;
    steps.hidden = false;
    await refresh("parties");
  } catch (error) {
    toast(error.message);
  } finally {
    button.disabled = false;
  }
}

// Where the browser lets no page copy (an address without encryption), the text is selected.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    toast("Copied.");
  } catch {
    getSelection().selectAllChildren(element);
    toast("Press Ctrl-C to copy what is selected.");
  }
}
