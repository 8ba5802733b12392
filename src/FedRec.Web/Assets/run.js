// The run shown: its events move the header, the counters, the curves, the tables and the log.
import { call, count, loss, momentTime, show, throttle } from "./dom.js";
import { refresh } from "./fragments.js";
import { askAgain, offerVersions } from "./ask.js";
import { follow } from "./live.js";
import { addToLog } from "./log.js";
import { drawCharts } from "./charts.js";
import { showRound } from "./round.js";

const panel = document.getElementById("run");
const rounds = new Map();
let evaluations = [];

const later = {
  rounds: throttle(() => refresh("rounds").catch(ignoreCut), 1000),
  quality: throttle(() => refresh("quality").catch(ignoreCut), 1000),
  models: throttle(() => Promise.all([refresh("models").then(offerVersions), askAgain()]).catch(ignoreCut), 2000),
  charts: throttle(() => requestAnimationFrame(() => drawCharts([...rounds.values()], evaluations)), 250),
};

/** Shows the run of the page, if there is one, and follows it while it is active; resolves to whether it is. */
export async function startRun() {
  if (!panel) return false;
  const { metrics, events, after, active } = panel.dataset;
  const history = await call(metrics).catch(() => ({ rounds: [], evaluations: [] })); // the stream tells the rest
  for (const round of history.rounds) rounds.set(round.round, round);
  evaluations = history.evaluations;
  later.charts();
  if (active !== "true") return false;
  follow(events, Number(after), happened, connection, async () => !(await call(panel.dataset.status)).active);
  return true;
}

function happened(event) {
  if (event.record) showRound(event.record);
  if (event.kind !== "round.progress") addToLog(event);
  if (event.kind === "run.started") phase("Running");
  if (event.kind === "round.done") closed(event.record);
  if (event.kind === "eval") evaluated(event.evaluation);
  if (event.kind === "model") published(event.version);
  if (event.kind === "run.done") ended();
}

function closed(record) {
  rounds.set(record.round, record);
  const all = [...rounds.values()];
  const sum = name => all.reduce((total, round) => total + round[name], 0);
  for (const name of ["asked", "participants", "dropped", "late"]) show(name, count(sum(name)));
  const seconds = sum("milliseconds") / 1000;
  show("rate", seconds > 0 ? count(sum("participants") / seconds) : "–");
  if (record.loss !== null) show("loss", loss(record.loss));
  show("rounds-done", count(rounds.size));
  document.getElementById("progress").value = rounds.size;
  later.rounds();
  later.charts();
}

function evaluated(evaluation) {
  const same = e => e.name === evaluation.name && e.round === evaluation.round && e.onValidation === evaluation.onValidation;
  evaluations = [...evaluations.filter(e => !same(e)), evaluation];
  later.quality();
  later.charts();
}

function published(version) {
  show("version", count(version));
  later.models();
}

async function ended() {
  document.getElementById("stop").hidden = true;
  const status = await call(panel.dataset.status);
  phase(status.phase);
  show("reason", status.reason ?? "");
  show("ended", status.endedAt ? `, ended ${momentTime(status.endedAt)}` : "");
  panel.querySelector("[data-field=reason]").hidden = !status.reason;
  later.rounds();
  later.quality();
  later.models();
}

function phase(name) {
  show("phase", name);
  for (const element of panel.querySelectorAll("[data-field=phase], [data-field=reason]")) element.dataset.phase = name;
}

function connection(state) {
  const element = document.getElementById("connection");
  const words = { live: "Live", reconnecting: "Reconnecting…", ended: "Run ended" };
  element.hidden = false;
  element.dataset.state = state;
  element.textContent = words[state];
  if (state === "ended") import("./arrivals.js").then(arrivals => arrivals.watchForRuns());
}

// A refresh that fails leaves the old part; the connection's state, shown above, says why, and the next event tries again.
function ignoreCut(error) {
  console.warn(error);
}
