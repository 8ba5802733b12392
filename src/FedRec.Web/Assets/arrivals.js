// While no run is shown or the one shown has ended, looks whether another one starts.
import { at, call, notice } from "./dom.js";

const { federation, run, follow } = document.body.dataset;

export function watchForRuns() {
  setInterval(look, 4000);
}

async function look() {
  const federations = await call(`${at}/api/v1/federations`).catch(() => []); // the next look may find the cluster again
  const latest = follow === "newest" ? federations[0] : federations.find(f => f.name === federation);
  const newest = latest?.activeRun ?? latest?.runs.at(-1);
  if (!newest || (latest.name === federation && newest === run)) return;
  const address = new URLSearchParams(follow === "newest" ? {} : { federation: latest.name });
  if (follow === "none") {
    offer(latest.name, newest, `${at}?${address}`);
  } else {
    location.replace(`${at}?${withUser(address)}`);
  }
}

// The reader's user stays chosen.
function withUser(address) {
  const user = document.querySelector("#ask [name=user]")?.value;
  if (user) address.set("user", user);
  return address;
}

function offer(name, newest, address) {
  notice(`${newest} of ${name} has started. `);
  const link = Object.assign(document.createElement("a"), { href: address, textContent: "Show it" });
  document.getElementById("notice").append(link);
}
