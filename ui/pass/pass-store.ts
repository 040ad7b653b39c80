import type { PassReply } from '../../sync/protocol/pass.ts';
import type { PhoneKey } from './pass-key.ts';

/** The pass as this browser keeps it. */
export interface StoredPass {
  readonly key: PhoneKey;
  readonly facts: PassReply;
  /** The last counter that was given out; a code is shown only after its counter is written here. */
  readonly counter: number;
  /** By how much this phone's clock was ahead of headquarters' at the last contact, in milliseconds. */
  readonly aheadMs: number;
  /** A successor that headquarters was asked for and whose answer is not here yet. */
  readonly next?: PhoneKey;
}

/** A key that is being linked: asked again after a lost answer, it is the same one. */
export interface PendingLink {
  readonly code: string;
  readonly key: PhoneKey;
}

/** The browser's database of the pass; every call rejects where the browser keeps no data. */
export interface PassStore {
  pass(): Promise<StoredPass | undefined>;
  pending(): Promise<PendingLink | undefined>;
  setPending(pending: PendingLink): Promise<void>;
  /** Puts a pass in the place of whatever there is. */
  setPass(pass: StoredPass): Promise<void>;
  /** Changes the pass in one step, also where another tab does; nothing where there is none, or `change` says so. */
  change(change: (pass: StoredPass) => StoredPass | undefined): Promise<StoredPass | undefined>;
  /** Forgets everything, unless another tab has gone on to another key meanwhile: then it says false. */
  forget(keyId: string): Promise<boolean>;
}

const DATABASE = 'tillside-pass';
const TABLE = 'kept';

/** What a phone answers that has closed a database, in the sleep of its page or because its data were wiped. */
const CLOSED = new Set(['InvalidStateError', 'UnknownError', 'AbortError']);

/** Opens the database of the pass; rejects where the browser has none for this page. */
export async function openPassStore(factory: IDBFactory): Promise<PassStore> {
  let db = await openDatabase(factory);

  /** One transaction. A database that was closed is opened again, once: what it had not finished it has not done. */
  async function inTransaction<T>(run: (db: IDBDatabase) => Promise<T>): Promise<T> {
    try {
      return await run(db);
    } catch (error) {
      if (!(error instanceof DOMException && CLOSED.has(error.name))) throw error;
      db = await openDatabase(factory);
      return run(db);
    }
  }

  /** On the disk once it resolves: `strict` is what keeps a counter from coming back after a crash. */
  const write = <T>(work: (table: IDBObjectStore) => Promise<T>): Promise<T> =>
    inTransaction(async (open) => {
      const tx = open.transaction(TABLE, 'readwrite', { durability: 'strict' });
      const ended = new Promise<void>((resolve, reject) => {
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(tx.error ?? new DOMException('', 'AbortError'));
      });
      const [result] = await Promise.all([work(tx.objectStore(TABLE)), ended]);
      return result;
    });

  const read = <T>(key: string): Promise<T | undefined> =>
    inTransaction((open) => done(open.transaction(TABLE).objectStore(TABLE).get(key)));

  return {
    pass: () => read<StoredPass>('pass'),
    pending: () => read<PendingLink>('pending'),
    setPending: (pending) => write((table) => done(table.put(pending, 'pending'))).then(() => {}),
    setPass: (pass) =>
      write(async (table) => {
        await done(table.put(pass, 'pass'));
        await done(table.delete('pending'));
      }),
    change: (change) =>
      write(async (table) => {
        const before = (await done(table.get('pass'))) as StoredPass | undefined;
        const after = before === undefined ? undefined : change(before);
        if (after !== undefined) await done(table.put(after, 'pass'));
        return after;
      }),
    forget: (keyId) =>
      write(async (table) => {
        const pass = (await done(table.get('pass'))) as StoredPass | undefined;
        if (pass !== undefined && pass.key.keyId !== keyId) return false;
        await done(table.clear());
        return true;
      }),
  };
}

async function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  const opening = factory.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const db = await done(opening);
  // A newer page in another tab shall not have to wait for this one.
  db.onversionchange = () => db.close();
  return db;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
