/**
 * What outlives the page: the unanswered actions, the unsent positions and proof in IndexedDB, one database a driver, small settings
 * in localStorage. It must never interpret what it keeps.
 */

const VERSION = 2;
const BACKLOG = 'backlog';
const PREFIX = 'wakala.drive.';
/** A disk that has not answered by then counts as lost: a step at the door must not wait for it. Slow phones need a second to write. */
const DISK_WITHIN_MS = 5_000;

/** @returns the setting, or null when there is none or storage is refused */
export function setting(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    // A private window without storage: every start is a first one.
    return null;
  }
}

/** Keeps a setting; null forgets it. */
export function keepSetting(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Without storage the setting lives as long as the page.
  }
}

/**
 * Opens the driver's database. Where the browser refuses one, a store in memory with `durable: false`: the page has to say so.
 * @param lost called whenever what was kept until now is kept no longer: the disk is full, or the browser took it away
 */
export async function openStore(driverId, lost) {
  const name = `wakala-drive-${driverId}`;
  try {
    return new DiskStore(name, await inTime(openDatabase(name)), lost);
  } catch {
    return new MemoryStore();
  }
}

/** @returns what the work brings; @throws when it takes longer than `DISK_WITHIN_MS`, and what comes later is nobody's */
async function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the disk does not answer')), DISK_WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function openDatabase(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore('actions', { keyPath: 'id' });
        request.result.createObjectStore('positions');
      }
      if (oldVersion < 2) request.result.createObjectStore('proofs', { keyPath: 'id' });
    };
    request.onsuccess = () => {
      // An app of a later version waits for nobody.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    // A page of an older version holds it and does not let go: better no disk than no app.
    request.onblocked = () => reject(new Error('blocked'));
  });
}

class DiskStore {
  durable = true;

  constructor(name, database, lost) {
    this.name = name;
    this.database = database;
    this.lost = lost;
  }

  /** All unanswered actions, in no order; none when the disk does not give them. */
  actions() {
    return this.#run('actions', 'readonly', (store) => store.getAll()).catch(() => []);
  }

  /** Resolves when it is on the disk, in the place of those with the replaced ids. */
  putAction(action, replaced) {
    return this.#run('actions', 'readwrite', (store) => {
      for (const id of replaced) store.delete(id);
      return store.put(action);
    });
  }

  dropAction(id) {
    return this.#run('actions', 'readwrite', (store) => store.delete(id));
  }

  /** The unsent positions as one buffer of records; null when there are none. */
  async backlog() {
    return (await this.#run('positions', 'readonly', (store) => store.get(BACKLOG)).catch(() => null)) ?? null;
  }

  putBacklog(buffer) {
    return this.#run('positions', 'readwrite', (store) => store.put(buffer, BACKLOG));
  }

  /** All proof that has not reached the server, in no order; none when the disk does not give it. */
  proofs() {
    return this.#run('proofs', 'readonly', (store) => store.getAll()).catch(() => []);
  }

  /** Resolves when it is on the disk. */
  putProof(piece) {
    return this.#run('proofs', 'readwrite', (store) => store.put(piece));
  }

  dropProof(id) {
    return this.#run('proofs', 'readwrite', (store) => store.delete(id));
  }

  close() {
    this.database.close();
  }

  async #run(name, mode, work) {
    try {
      const result = await inTime(this.#tried(name, mode, work));
      this.durable = true;
      return result;
    } catch (error) {
      if (this.durable) this.lost();
      this.durable = false;
      throw error;
    }
  }

  /** Browsers close a database under an app that slept: it is opened anew, once, before it counts as lost. */
  async #tried(name, mode, work) {
    try {
      return await this.#once(name, mode, work);
    } catch {
      this.database.close();
      this.database = await openDatabase(this.name);
      return this.#once(name, mode, work);
    }
  }

  #once(name, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(name, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

class MemoryStore {
  durable = false;
  #actions = new Map();
  #backlog = null;

  async actions() {
    return [...this.#actions.values()];
  }
  async putAction(action, replaced) {
    for (const id of replaced) this.#actions.delete(id);
    this.#actions.set(action.id, action);
  }
  async dropAction(id) {
    this.#actions.delete(id);
  }
  async backlog() {
    return this.#backlog;
  }
  async putBacklog(buffer) {
    this.#backlog = buffer;
  }
  async proofs() {
    return [];
  }
  async putProof() {
    // The queue in memory is all there is.
  }
  async dropProof() {
    // Nothing was kept.
  }
  close() {
    this.#actions.clear();
  }
}
