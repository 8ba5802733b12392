// The run shown: its events move the header, the counters, the curves, the tables and the log.
import { call, count, momentTime, show, throttle } from "./dom.js";
import { refresh } from "./fragments.js";
import { askAgain, offerVersions } from "./ask.js";
import { streamIs, whenBack } from "./connection.js";
import { follow } from "./live.js";
import { addToLog } from "./log.js";
import { drawCharts } from "./charts.js";
import { showRound, showTotals } from "./round.js";

const panel = document.getElementById("run");
const rounds = new Map();
let evaluations = [];
let cut = false;

const later = {
  rounds: throttle(() => refresh("rounds").catch(ignoreCut), 1000),
  quality: throttle(() => refresh("quality").catch(ignoreCut), 1000),
  models: throttle(() => Promise.all([refresh("models").then(offerVersions), askAgain()]).catch(ignoreCut), 2000),
  charts: throttle(() => requestAnimationFrame(() => drawCharts([...rounds.values()], evaluations)), 250),
};

/** Shows the run of the page, if there is one, and follows it while it is active; resolves to whether it is. */
export async function startRun() {
  if (!panel) return false;
  await readHistory().catch(ignoreCut); // the stream tells the rest
  const { events, after, active, status } = panel.dataset;
  if (active !== "true") return false;
  whenBack(follow(events, Number(after), happened, connection, async () => !(await call(status)).active));
  return true;
}

// What happens while the answer is on its way is newer than the answer.
async function readHistory() {
  const before = new Set([...rounds.values(), ...evaluations]);
  const history = await call(panel.dataset.metrics);
  const closedSince = [...rounds.values()].filter(round => !before.has(round));
  const evaluatedSince = evaluations.filter(evaluation => !before.has(evaluation));
  rounds.clear();
  for (const round of [...history.rounds, ...closedSince]) rounds.set(round.round, round);
  evaluations = history.evaluations;
  evaluatedSince.forEach(addEvaluation);
  later.charts();
}

// After a cut, or when a run is taken up again from its last published round, the server knows better than the page.
async function catchUp() {
  await readHistory();
  showTotals([...rounds.values()]);
  later.rounds();
  later.quality();
  later.models();
}

function happened(event) {
  if (event.record) showRound(event.record);
  if (event.kind !== "round.progress") addToLog(event);
  if (event.kind === "run.started") started();
  if (event.kind === "round.done") closed(event.record);
  if (event.kind === "eval") evaluated(event.evaluation);
  if (event.kind === "model") published(event.version);
  if (event.kind === "run.done") ended();
}

function started() {
  phase("Running");
  catchUp().catch(ignoreCut);
}

function closed(record) {
  rounds.set(record.round, record);
  showTotals([...rounds.values()]);
  later.rounds();
  later.charts();
}

function evaluated(evaluation) {
  addEvaluation(evaluation);
  later.quality();
  later.charts();
}

function addEvaluation(evaluation) {
  const same = e => e.name === evaluation.name && e.round === evaluation.round && e.onValidation === evaluation.onValidation;
  evaluations = [...evaluations.filter(e => !same(e)), evaluation];
}

function published(version) {
  show("version", count(version));
  later.models();
}

async function ended() {
  document.getElementById("stop")?.setAttribute("hidden", ""); // a viewer has none
  const status = await call(panel.dataset.status);
  phase(status.phase);
  show("reason", status.summary ?? "");
  if (status.phase === "Completed") finished(status);
  show("ended", status.endedAt ? `, ended ${momentTime(status.endedAt)}` : "");
  panel.querySelector("[data-field=reason]").hidden = !status.summary;
  later.rounds();
  later.quality();
  later.models();
}

// Also early: then no more rounds are to come.
function finished({ roundsDone, roundsPlanned }) {
  document.getElementById("progress").max = Math.max(1, roundsDone);
  show("rounds-word", "Rounds");
  show("rounds-of", `of ${roundsDone < roundsPlanned ? "at most " : ""}${count(roundsPlanned)}`);
}

function phase(name) {
  show("phase", name);
  for (const element of panel.querySelectorAll("[data-field=phase], [data-field=reason]")) element.dataset.phase = name;
}

function connection(state) {
  streamIs(state);
  if (state === "live" && cut) catchUp().catch(ignoreCut);
  cut = state === "reconnecting";
  if (state === "ended") import("./arrivals.js").then(arrivals => arrivals.watchForRuns());
}

// A refresh that fails leaves the old part; the connection's state, shown above, says why, and the next event tries again.
function ignoreCut(error) {
  console.warn(error);
}
