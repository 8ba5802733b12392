// Follows a run's events. The browser reconnects by itself after a cut; after an error answer we do.
const kinds = ["run.loading", "run.started", "run.working", "round.started", "round.progress", "round.done", "party.refused", "eval", "model", "run.done"];

/**
 * @param address stream, without the query "after"
 * @param after   number of the last event seen
 * @param onEvent called with each event, in order
 * @param onState called with "live", "reconnecting" or "ended"; "live" again after each cut
 * @param isOver  asked when the server refuses the stream; resolves to true when the run has ended
 * @returns opens the stream again, for a connection that is silent and not cut
 */
export function follow(address, after, onEvent, onState, isOver) {
  let last = after, pause = 1000, source, over = false;

  function open() {
    source?.close();
    source = new EventSource(`${address}&after=${last}`);
    source.onopen = () => { pause = 1000; onState("live"); };
    source.onerror = failed;
    for (const kind of kinds) source.addEventListener(kind, received);
  }

  function received(message) {
    const event = JSON.parse(message.data);
    last = event.id; // may go back: after a restart of the cluster a run counts its events from 1
    onEvent(event);
    if (event.kind === "run.done") {
      end();
    }
  }

  function end() {
    over = true;
    source.close();
    onState("ended");
  }

  async function failed(event) {
    if (over || event.target !== source) return; // of a stream that was replaced
    onState("reconnecting");
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isOver().catch(() => false)) {
      end();
      return;
    }
    const cut = source;
    setTimeout(() => { if (!over && source === cut) open(); }, pause);
    pause = Math.min(2 * pause, 4000);
  }

  open();
  return () => { if (!over) open(); };
}
