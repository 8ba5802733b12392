// The open round: its phase strip and how many updates are in.
import { count, show } from "./dom.js";

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
