/**
 * What outlives the page: the unanswered actions, the unsent positions and proof in IndexedDB, one database a driver, small settings
 * in localStorage. It must never interpret what it keeps.
 */

const VERSION = 2;
const BACKLOG = 'backlog';
const PREFIX = 'wakala.drive.';
/** A disk that has not answered by then counts as late: a step at the door must not wait for it. Slow phones need a second to write. */
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
 * The driver's database; it opens with `open`.
 * @param lost called whenever what was kept until now is kept no longer: the disk is late or full, or the browser took it away
 */
export function storeOf(driverId, lost) {
  return new DiskStore(`wakala-drive-${driverId}`, lost);
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
    // A page of an older version that holds it makes it late: it comes when that one lets go.
  });
}

/**
 * Modes: `shut` (entered new: nothing is read, nothing kept), `open` (by the database, however late), `lost` (open, but the last thing
 * asked of it failed; left by the next that does not). What fails rejects: whoever asked knows that it was neither read nor kept.
 */
class DiskStore {
  #database = null;
  #opening = null;
  #isKept = true;

  constructor(name, lost) {
    this.name = name;
    this.lost = lost;
  }

  /**
   * Waits for the database for `DISK_WITHIN_MS`; one that comes later is taken all the same, and there for the next call.
   * @throws when it does not open by then
   */
  async open() {
    if (this.#database !== null) return;
    this.#opening ??= this.#opened();
    await this.#told(inTime(this.#opening));
  }

  async #opened() {
    try {
      this.#database = await openDatabase(this.name);
    } finally {
      this.#opening = null;
    }
  }

  /** All unanswered actions, in no order. */
  actions() {
    return this.#run('actions', 'readonly', (store) => store.getAll());
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
    return (await this.#run('positions', 'readonly', (store) => store.get(BACKLOG))) ?? null;
  }

  putBacklog(buffer) {
    return this.#run('positions', 'readwrite', (store) => store.put(buffer, BACKLOG));
  }

  /** All proof that has not reached the server, in no order. */
  proofs() {
    return this.#run('proofs', 'readonly', (store) => store.getAll());
  }

  /** Resolves when it is on the disk. */
  putProof(piece) {
    return this.#run('proofs', 'readwrite', (store) => store.put(piece));
  }

  dropProof(id) {
    return this.#run('proofs', 'readwrite', (store) => store.delete(id));
  }

  /** Before it is open nothing is asked of it: what piles up behind a disk that never answers is only memory lost. */
  async #run(name, mode, work) {
    if (this.#database === null) throw new Error('the disk is not open');
    return await this.#told(inTime(this.#tried(name, mode, work)));
  }

  async #told(working) {
    try {
      const result = await working;
      this.#isKept = true;
      return result;
    } catch (error) {
      if (this.#isKept) this.lost();
      this.#isKept = false;
      throw error;
    }
  }

  /** Browsers close a database under an app that slept: it is opened anew, once, before it counts as lost. */
  async #tried(name, mode, work) {
    try {
      return await this.#once(name, mode, work);
    } catch {
      this.#database.close();
      this.#database = await openDatabase(this.name);
      return this.#once(name, mode, work);
    }
  }

  #once(name, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(name, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}
