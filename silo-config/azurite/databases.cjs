'use strict';
// Keeps Azurite's databases on the disk: a journal of every change, and now and then a snapshot of everything. Azurite itself saves each of its databases every 5 s.
//
// What was answered is in the journal: a kill of the emulator takes nothing of it. A machine that dies may take the last moments, as no file is flushed to its disk.
// Journals are numbered. A snapshot begins another one and says so, and nothing that an earlier one holds is read over it.

const fs = require('fs');
const path = require('path');
const Loki = require('lokijs');

const smallest = 1 << 20; // bytes; a journal shorter than this, or than the last snapshot, is not worth another one
const pattern = /^__fedrec_journal_(\d+)__$/;

let folder; // none: everything stays in memory
const past = []; // [journal, database, collection, number of a document, what it became; nothing where it is gone], while the databases are being read
let number = 0;
let journal; // descriptor of the open one
let lines = [];
let written = 0; // bytes in it
let snapshotSize = 0;
let due = true; // a snapshot: none was made yet, there is another collection, or something could not be written
const databases = [];

/** Reads what the journals of a folder hold; the databases take it when they are loaded. */
function open(location) {
  folder = location;
  for (const name of folder === undefined ? [] : journals()) {
    number = Math.max(number, numberOf(name));
    for (const line of fs.readFileSync(path.join(folder, name), 'utf8').split('\n')) {
      try {
        past.push([numberOf(name), ...JSON.parse(line)]);
      } catch {
        break; // the last line, cut off by a kill or a full disk, and never answered
      }
    }
  }
}

/** Has everything on the disk that has changed; an exception says why it could not be. In memory it does nothing. */
function keep() {
  if (folder === undefined) {
    return;
  }

  if (due || written > Math.max(smallest, snapshotSize)) {
    snapshot();
  } else if (lines.length > 0) {
    due = true; // until it is written: half a line may be in the journal
    const text = lines.map((line) => `${line}\n`).join('');
    fs.appendFileSync(journal, text);
    written += text.length;
    lines = [];
    due = false;
  }
}

function snapshot() {
  due = true;
  const earlier = journals();
  const next = fs.openSync(path.join(folder, `__fedrec_journal_${number + 1}__`), 'w', 0o600);
  if (journal !== undefined) {
    fs.closeSync(journal);
  }

  [journal, number, written, snapshotSize] = [next, number + 1, 0, 0];
  for (const database of databases) {
    database.journal = number;
    const text = database.serialize();
    replace(database.filename, text);
    database.autosaveClearFlags();
    snapshotSize += text.length;
  }

  for (const name of earlier) {
    fs.unlinkSync(path.join(folder, name));
  }

  past.length = 0;
  lines = [];
  due = false;
}

const numberOf = (name) => Number(pattern.exec(name)[1]);
const journals = () => fs.readdirSync(folder).filter((name) => pattern.test(name)).sort((a, b) => numberOf(a) - numberOf(b));

function replace(file, text) {
  fs.writeFileSync(`${file}~`, text);
  fs.renameSync(`${file}~`, file);
}

class WholeFiles extends Loki.LokiFsAdapter {
  saveDatabase(name, text, done) { // Azurite has opened one, or closes it
    try {
      if (journal !== undefined) {
        keep(); // the text goes with the journal, which holds no less
      }

      replace(name, text);
      done(null);
    } catch (error) {
      done(error);
    }
  }
}

class JournaledLoki extends Loki {
  constructor(name, options) {
    super(name, options.persistenceMethod === 'fs' ? { ...options, adapter: new WholeFiles() } : options);
  }

  autosaveEnable() {
    this.autosave = true; // closing saves what is left
    databases.push(this);
    databases.sort((a, b) => b.filename.includes('_extent_') - a.filename.includes('_extent_')); // no stored blob names an extent that is unknown
  }

  autosaveDisable() {} // what closes is written with the others

  addCollection(name, options) {
    const collection = super.addCollection(name, options);
    due = true;
    for (const event of ['insert', 'update', 'delete']) {
      collection.on(event, (changed) => {
        for (const document of [changed].flat()) {
          lines.push(JSON.stringify([path.basename(this.filename), name, document.$loki, ...(event === 'delete' ? [] : [document])]));
        }
      });
    }

    return collection;
  }

  removeCollection(name) {
    super.removeCollection(name);
    due = true;
  }

  loadJSONObject(state, options) {
    this.journal = state.journal ?? 0;
    const own = past.filter(([journal, database]) => database === path.basename(this.filename) && journal >= this.journal);
    for (const collection of state.collections ?? []) {
      const documents = new Map(collection.data.map((document) => [document.$loki, document]));
      for (const [, , name, id, document] of own) {
        if (name === collection.name) {
          document === undefined ? documents.delete(id) : documents.set(id, document);
          collection.maxId = Math.max(collection.maxId, id);
        }
      }

      collection.data = [...documents.values()];
    }

    super.loadJSONObject(state, options);
    this.collections.forEach((collection) => collection.ensureAllIndexes(true)); // those of the snapshot know nothing of the journals
  }
}

// A batch rebuilds every index of its collection, also a batch of one. Azurite removes one document at a time, and after some time thousands of them, one after the other: it was away for minutes.
const removeBatch = Loki.Collection.prototype.removeBatchByPositions;
Loki.Collection.prototype.removeBatchByPositions = function (positions) {
  if (positions.length === 1) {
    this.remove(this.data[positions[0]]);
  } else {
    removeBatch.call(this, positions);
  }
};

/** Has whoever sweeps thousands of extents let requests in between; without it each is removed before anybody is answered. */
function sweepInTurns(Extents) {
  const remove = Extents.prototype.deleteExtent;
  Extents.prototype.deleteExtent = async function (id) {
    await new Promise(setImmediate);
    return remove.call(this, id);
  };
}

require.cache[require.resolve('lokijs')].exports = JournaledLoki;
module.exports = { open, keep, sweepInTurns };
