// Whether the server and its store answer, asked every moment: a stream alone would not tell of a silent connection.
import { at } from "./dom.js";

const words = { live: "Live", reconnecting: "Reconnecting…", ended: "Run ended", idle: "Connected" };
const pause = 1500, patience = 2800; // together less than the 5 s in which a reader is to know; the server itself waits 2 s
let stream = "idle", answers = true;
const returned = [];

/** Shows the state of the run's stream: "live", "reconnecting", "ended" or "idle". */
export function streamIs(state) {
  stream = state;
  show();
}

/** Calls back when the server answers again after it did not. */
export function whenBack(action) {
  returned.push(action);
}

export async function watchConnection() {
  for (;;) {
    await look();
    await new Promise(done => setTimeout(done, pause));
  }
}

async function look() {
  const before = answers;
  try {
    const response = await fetch(`${at}/health/ready`, { signal: AbortSignal.timeout(patience), cache: "no-store" });
    answers = true;
    await showStore(response);
  } catch {
    answers = false; // refused, cut or silent: all of them mean that what is shown may be old
  }
  show();
  if (answers && !before) for (const action of returned) action();
}

async function showStore(response) {
  const store = document.getElementById("store");
  if (!store) return;
  const problem = response.ok ? null : await response.json().catch(() => null);
  const text = response.ok ? "" : problem?.detail ?? "The cluster does not answer.";
  if (store.textContent !== text) store.textContent = text;
  store.hidden = response.ok;
}

function show() {
  const element = document.getElementById("connection");
  if (!element) return;
  const state = answers ? stream : "reconnecting";
  element.hidden = false;
  element.dataset.state = state;
  if (element.textContent !== words[state]) element.textContent = words[state];
}
