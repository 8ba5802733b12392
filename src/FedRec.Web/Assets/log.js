// The event log, newest first.
import { clockTime } from "./dom.js";

const most = 200;

export function addToLog(event) {
  const log = document.getElementById("log");
  const line = document.createElement("li");
  line.dataset.kind = event.kind;
  const time = Object.assign(document.createElement("time"), { dateTime: event.at, title: event.at, textContent: clockTime(event.at) });
  const text = Object.assign(document.createElement("span"), { textContent: event.text });
  line.append(time, " ", text);
  log.prepend(line);
  while (log.children.length > most) log.lastElementChild.remove();
}
