// Buttons that change something call the API; the same forms work without scripts.
import { call, toast } from "./dom.js";
import { refresh } from "./fragments.js";
import { askAgain } from "./ask.js";

export function startForms() {
  document.addEventListener("submit", event => {
    const form = event.target.closest("form[data-api]");
    if (form) {
      event.preventDefault();
      act(form);
    }
  });

  const choice = document.getElementById("switch");
  choice?.addEventListener("change", event => {
    // A run belongs to one federation.
    if (event.target.name === "federation") choice.querySelector("[name=run]")?.removeAttribute("name");
    choice.requestSubmit();
  });
}

async function act(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await call(form.dataset.api, { method: "POST" });
    toast(form.dataset.done);
    if (form.dataset.refresh) {
      await refresh(form.dataset.refresh);
      await askAgain();
    }
  } catch (error) {
    toast(error.message);
    button.disabled = false;
  }
  if (form.isConnected && form.dataset.refresh) button.disabled = false;
}
