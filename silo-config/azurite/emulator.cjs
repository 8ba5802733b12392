'use strict';
// Runs Azurite's blob and table services in one process that lives as long as the FedRec process that started it, and that
// answers a change when it is on the disk.
// Takes one argument, JSON: { location, blobPort, tablePort }; no location keeps everything in memory.
// Says on standard output, a line of JSON each: { blob, table } when it listens, { saveFailed } and { saved } when that changes.

process.umask(0o077); // what users did is stored here: folders 0700, files 0600
const fs = require('fs');
const path = require('path');
const databases = require(__filename.replace(/emulator([^/\\]*)$/, 'databases$1')); // before whatever loads lokijs
const { location, blobPort = 0, tablePort = 0 } = JSON.parse(process.argv[2]);
const say = (message) => console.log(JSON.stringify(message));
databases.open(location);

// ---- the services --------------------------------------------------------------------------------------------------

const azurite = path.join(path.dirname(require.resolve('azurite/package.json')), 'dist', 'src');
// Nothing is reported to anybody, and no cookies are kept for the domains of a public list; loading what could would take a third of the start.
for (const name of ['applicationinsights', 'psl']) {
  const unused = require.resolve(name, { paths: [azurite] });
  require.cache[unused] = { id: unused, filename: unused, loaded: true, exports: {} };
}

const load = (...file) => { const module = require(path.join(azurite, ...file)); return module.default ?? module; };
const host = '127.0.0.1';
const keepAlive = 120; // s; longer than clients keep an idle connection, so that none is closed under a request

function createServers() {
  const inMemory = location === undefined;
  const file = (name) => (inMemory ? name : path.join(location, name));
  const blobs = load('blob', 'utils', 'constants.js');
  databases.sweepInTurns(load('common', 'persistence', 'LokiExtentMetadataStore.js'));
  const folders = blobs.DEFAULT_BLOB_PERSISTENCE_ARRAY;
  folders[0].locationPath = file(blobs.DEFAULT_BLOB_PERSISTENCE_PATH);
  const BlobConfiguration = load('blob', 'BlobConfiguration.js');
  const TableConfiguration = load('table', 'TableConfiguration.js');
  const BlobServer = load('blob', 'BlobServer.js');
  const TableServer = load('table', 'TableServer.js');
  const rest = [undefined, false, undefined, false, false, '', '', '', undefined, false, inMemory];
  return {
    blob: new BlobServer(new BlobConfiguration(
      host, blobPort, keepAlive, file('__azurite_db_blob__.json'), file('__azurite_db_blob_extent__.json'), folders, false, ...rest)),
    table: new TableServer(new TableConfiguration(
      host, tablePort, keepAlive, file('__azurite_db_table__.json'), false, false, undefined, ...rest.slice(2))),
  };
}

const retryInterval = 200; // ms, of what could not be saved
let isReady = false;
let saveFailed = false;
let retry;

// All that has changed is on the disk before anything is answered, so that nobody sees what a kill may take back.
function save() {
  let error;
  try {
    databases.keep();
  } catch (failure) {
    error = failure;
    clearTimeout(retry);
    retry = setTimeout(save, retryInterval).unref();
  }

  if (Boolean(error) !== saveFailed) {
    saveFailed = Boolean(error);
    say(error ? { saveFailed: String(error.message ?? error) } : { saved: true });
  }
}

// What cannot be saved is refused instead of being answered and lost, and a full disk is called that.
function answerWhatIsSaved(server) {
  const emit = server.httpServer.emit;
  server.httpServer.emit = function (event, request, response) {
    if (event !== 'request') {
      return emit.apply(this, arguments);
    }

    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (!isReady || (changes && saveFailed)) {
      response.writeHead(...(isReady ? [507, 'The storage emulator cannot save', { 'x-ms-error-code': 'InsufficientStorage', 'Content-Length': 0 }]
        : [503, 'The storage emulator is starting', { 'x-ms-error-code': 'ServerBusy', 'Content-Length': 0 }]));
      request.resume().on('end', () => response.end());
      return true;
    }

    const writeHead = response.writeHead;
    response.writeHead = (status, ...rest) => {
      save();
      return changes && (saveFailed || (status >= 500 && isFull()))
        ? writeHead.call(response, 507, 'The disk of the storage emulator is full', ...rest.filter((part) => typeof part === 'object'))
        : writeHead.call(response, status, ...rest);
    };
    return emit.apply(this, arguments);
  };
}

function isFull() {
  const disk = location === undefined ? undefined : fs.statfsSync(location);
  return disk !== undefined && disk.bavail * disk.bsize < 1 << 20;
}

// ---- the life ------------------------------------------------------------------------------------------------------
// FedRec holds the other end of standard input. When that end closes, because FedRec stops or was killed, the emulator saves
// and ends. Ctrl-C reaches every process of a terminal, but FedRec still needs its storage while it stops, so only FedRec decides.

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {}); // FedRec may be gone: a message nobody reads must not end the emulator before it has saved
}
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT']) {
  process.on(signal, () => {});
}

function fail(error) {
  console.error(error?.message ?? error);
  process.exit(1);
}

async function main() {
  const { blob, table } = createServers();
  answerWhatIsSaved(blob);
  answerWhatIsSaved(table);
  let stopping = false;
  const stop = async () => {
    if (!stopping) {
      stopping = true;
      setTimeout(() => process.exit(1), 10000).unref();
      await started.catch(() => {});
      await Promise.all([blob.close(), table.close()]);
      process.exit(0);
    }
  };
  const started = Promise.all([blob.start(), table.start()]);
  for (const event of ['end', 'close', 'error']) {
    process.stdin.on(event, () => stop().catch(fail));
  }
  process.stdin.resume();
  process.on('SIGTERM', () => stop().catch(fail));
  await started;
  save();
  isReady = true;
  say({ blob: blob.getHttpServerAddress(), table: table.getHttpServerAddress() });
}

main().catch(fail);
