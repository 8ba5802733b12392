// Small helpers. Text from the server is only ever set as text or comes as HTML that the server has encoded.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Where the host has the pages and the API. */
export const at = document.body.dataset.at;

export const count = value => whole.format(value);
export const loss = value => value == null ? "–" : value.toFixed(4);
export const clockTime = at => clock.format(new Date(at));
export const momentTime = at => moment.format(new Date(at));

/** Sets the text of every element that shows the field. */
export function show(field, text) {
  for (const element of document.querySelectorAll(`[data-field="${field}"]`)) {
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Times come in UTC; the reader's own clock is nearer. */
export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-time]")) {
    time.textContent = (time.dataset.time === "clock" ? clock : moment).format(new Date(time.dateTime));
    time.title = time.dateTime;
  }
}

/** Says something that stays on the page. */
export function notice(text) {
  const element = document.getElementById("notice");
  element.textContent = text;
  element.hidden = false;
}

let toastTimer = 0;

/** Says what became of an action; goes away by itself. */
export function toast(text) {
  const element = document.getElementById("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { element.hidden = true; }, 6000);
}

/** Fetches JSON; a problem answer becomes an error whose message is its detail. */
export async function call(address, options) {
  const response = await fetch(address, { headers: { accept: "application/json" }, ...options });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? `The server answered ${response.status}.`);
  return body;
}

/** Runs an action at most once per interval, the last call never lost. */
export function throttle(action, interval) {
  let timer = 0, again = false;
  return function run() {
    if (timer) { again = true; return; }
    action();
    timer = setTimeout(() => { timer = 0; if (again) { again = false; run(); } }, interval);
  };
}
