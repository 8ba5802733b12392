'use strict';
// Loaded into the emulator before its own code (node --require): ties its life to the FedRec process that started it.
// FedRec holds the other end of standard input. When that end closes, because FedRec stops or was killed, the emulator
// takes the way of SIGTERM, which saves its metadata; it otherwise saves only every five seconds.

// FedRec may be gone: a message nobody reads must not end the emulator before it has saved.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {});
}

// Ctrl-C reaches every process of a terminal. FedRec still needs its storage while it stops, so only FedRec decides.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT']) {
  process.on(signal, () => {});
}
process.on('newListener', (event, listener) => {
  if (event === 'SIGINT') {
    process.nextTick(() => process.removeListener(event, listener));
  }
});

process.once('SIGTERM', () => {
  if (process.listenerCount('SIGTERM') === 0) {
    process.exit(0); // the emulator does not listen to the signal yet: it serves nobody and has nothing to save
  }
  process.stdin.destroy(); // an open input would keep the process alive
  setTimeout(() => process.exit(1), 10000).unref();
});

const stop = () => process.emit('SIGTERM');
process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
