// Starts the parts of the page. Without scripts the page is complete as it came; with them it moves.
import { localTimes } from "./dom.js";
import { startForms } from "./forms.js";
import { startRun } from "./run.js";
import { startAsk } from "./ask.js";
import { watchForRuns } from "./arrivals.js";
import { startParties } from "./parties.js";
import { watchConnection } from "./connection.js";

document.documentElement.classList.add("scripted");
localTimes(document);
startForms();
startAsk();
startParties();
watchConnection();
const active = await startRun();
if (!active && document.body.dataset.run !== undefined) {
  watchForRuns();
}
