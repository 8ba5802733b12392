'use strict';
// Runs Azurite's blob and table services in one process that lives as long as the FedRec process that started it, and that
// writes its databases so often, and so in order, that a kill takes nothing that was answered longer ago than one interval.
// Takes one argument, JSON: { location, blobPort, tablePort, saveInterval }; no location keeps everything in memory.
// Says on standard output, a line of JSON each: { blob, table } when it listens, { saveFailed } and { saved } when that changes.

process.umask(0o077); // what users did is stored here: folders 0700, files 0600
const fs = require('fs');
const path = require('path');
const Loki = require('lokijs');
const { location, blobPort = 0, tablePort = 0, saveInterval = 200 } = JSON.parse(process.argv[2]);
const say = (message) => console.log(JSON.stringify(message));

// ---- the databases -------------------------------------------------------------------------------------------------
// Azurite saves each of its databases every 5 s. Here they are saved together: written out as text in one turn, so that they
// fit each other, and one file after the other, the extents first, so that no stored blob names an extent that is unknown.

const databases = [];
let writing = Promise.resolve();
let saveFailed = false;

class OrderedFiles extends Loki.LokiFsAdapter {
  saveDatabase(name, text, done) {
    writing = writing.then(() => new Promise((next) => super.saveDatabase(name, text, (error) => { done(error); next(); })));
  }
}

class SavedTogether extends Loki {
  constructor(name, options) {
    super(name, options.persistenceMethod === 'fs' ? { ...options, adapter: new OrderedFiles() } : options);
  }

  autosaveEnable() {
    this.autosave = true; // closing saves what is left
    databases.push(this);
    databases.sort((a, b) => b.filename.includes('_extent_') - a.filename.includes('_extent_'));
  }

  autosaveDisable() {
    const at = databases.indexOf(this);
    if (at >= 0) {
      databases.splice(at, 1);
    }
  }
}

require.cache[require.resolve('lokijs')].exports = SavedTogether;

function save(database) {
  return new Promise((next) => database.saveDatabase((error) => {
    if (error) {
      database.collections.forEach((collection) => { collection.dirty = true; }); // else it would wait for the next change
    }
    next(error);
  }));
}

async function keepSaving() {
  const started = performance.now();
  const dirty = databases.filter((database) => database.autosaveDirty());
  const error = (await Promise.all(dirty.map(save))).find((failure) => failure);
  if (dirty.length > 0 && Boolean(error) !== saveFailed) {
    saveFailed = Boolean(error);
    say(error ? { saveFailed: String(error.message ?? error) } : { saved: true });
  }

  // A large database is not written all the time: saving takes a tenth of it at most.
  setTimeout(keepSaving, Math.max(saveInterval, 9 * (performance.now() - started))).unref();
}

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

// What can no longer be saved is refused instead of being answered and lost, and a full disk is called that.
function refuseWhatCannotBeSaved(server) {
  const emit = server.httpServer.emit;
  server.httpServer.emit = function (event, request, response) {
    if (event !== 'request') {
      return emit.apply(this, arguments);
    }

    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (changes && saveFailed) {
      response.writeHead(507, 'The storage emulator cannot save', { 'x-ms-error-code': 'InsufficientStorage', 'Content-Length': 0 });
      request.resume().on('end', () => response.end());
      return true;
    }

    const writeHead = response.writeHead;
    response.writeHead = (status, ...rest) => (changes && status >= 500 && isFull()
      ? writeHead.call(response, 507, 'The disk of the storage emulator is full', ...rest.filter((part) => typeof part === 'object'))
      : writeHead.call(response, status, ...rest));
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
  refuseWhatCannotBeSaved(blob);
  refuseWhatCannotBeSaved(table);
  let stopping = false;
  const stop = async () => {
    if (!stopping) {
      stopping = true;
      setTimeout(() => process.exit(1), 10000).unref();
      await started.catch(() => {});
      await Promise.all([blob.close(), table.close()]);
      await writing;
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
  keepSaving();
  say({ blob: blob.getHttpServerAddress(), table: table.getHttpServerAddress() });
}

main().catch(fail);
