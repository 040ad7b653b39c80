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
  clear(): Promise<void>;
}

const DATABASE = 'tillside-pass';
const TABLE = 'kept';

/** Opens the database of the pass. */
export async function openPassStore(factory: IDBFactory): Promise<PassStore> {
  const opening = factory.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const db = await done(opening);

  /** One transaction, on the disk once it resolves: `strict` is what keeps a counter from coming back after a crash. */
  async function write<T>(work: (table: IDBObjectStore) => Promise<T>): Promise<T> {
    const tx = db.transaction(TABLE, 'readwrite', { durability: 'strict' });
    const ended = new Promise<void>((resolve, reject) => {
      tx.oncomplete = () => resolve();
      tx.onabort = () => reject(tx.error);
    });
    const result = await work(tx.objectStore(TABLE));
    await ended;
    return result;
  }

  const read = <T>(key: string): Promise<T | undefined> =>
    done(db.transaction(TABLE).objectStore(TABLE).get(key));

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
    clear: () => write((table) => done(table.clear())),
  };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
