// The open round with its phase strip, and the sums over the closed ones.
import { count, loss, show } from "./dom.js";

const steps = ["Planned", "Collecting", "Aggregating", "Committed"];

export function showRound(record) {
  const strip = document.getElementById("open-round");
  strip.dataset.phase = record.phase;
  show("open-title", `Round ${record.round}`);
  show("open-detail", record.phase === "Abandoned"
    ? `abandoned: ${record.reason ?? ""}`
    : `${count(record.participants)} of ${count(record.asked)} updates`);
  const now = steps.indexOf(record.phase);
  for (const step of strip.querySelectorAll("[data-step]")) {
    const at = steps.indexOf(step.dataset.step);
    step.dataset.state = at < now || record.phase === "Committed" ? "done" : at === now ? "now" : "todo";
    if (step.dataset.state === "now") step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

export function showTotals(rounds) {
  const sum = name => rounds.reduce((total, round) => total + round[name], 0);
  for (const name of ["asked", "participants", "dropped", "late", "rejected"]) show(name, count(sum(name)));
  const seconds = sum("milliseconds") / 1000;
  show("rate", seconds > 0 ? count(sum("participants") / seconds) : "–");
  show("loss", loss(rounds.findLast(round => round.loss !== null)?.loss));
  show("rounds-done", count(rounds.length));
  document.getElementById("progress").value = rounds.length;
}
