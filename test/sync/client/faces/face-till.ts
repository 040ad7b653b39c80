import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import canonicalize from 'canonicalize';
import {
  type FaceEnrolment,
  type FaceScope,
  type FaceTemplate,
  faceTemplateSchema,
} from '../../../../agent/contract/face-facts.ts';
import type { FaceKeyStore, FacePorts, FaceRows } from '../../../../sync/client/ports.ts';
import { enrolmentOf } from '../../hq/faces/face-rig.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM over a descriptor, bound to template, member and model. */
export function sealDescriptor(
  template: Omit<FaceTemplate, 'sealed'>,
  descriptor: Uint8Array,
  key: Uint8Array,
): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aadOf(template));
  const body = Buffer.concat([cipher.update(descriptor), cipher.final()]);
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64');
}

/** The descriptor; undefined = the key does not open it. */
export function openDescriptor(template: FaceTemplate, key: Uint8Array): Buffer | undefined {
  const sealed = Buffer.from(template.sealed, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  cipher.setAAD(aadOf(template)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([cipher.update(body), cipher.final()]);
  } catch {
    return undefined;
  }
}

function aadOf({ templateId, memberId, model }: Omit<FaceTemplate, 'sealed'>): Buffer {
  return Buffer.from(canonicalize({ templateId, memberId, model }) ?? '');
}

/** A member's enrolment as a till makes it, with the key and the descriptor that nobody else may see. */
export interface Enrolled {
  readonly enrolment: FaceEnrolment;
  readonly key: Buffer;
  readonly descriptor: Buffer;
}

export function enrolledAt(
  memberId: string,
  place: { readonly tillId: string; readonly storeId: string; readonly scope: FaceScope },
): Enrolled {
  const made = enrolmentOf(memberId, { ...place, at: new Date().toISOString() });
  const [key, descriptor] = [randomBytes(32), randomBytes(512)];
  const sealed = sealDescriptor(made.template, descriptor, key);
  return { enrolment: { ...made, template: { ...made.template, sealed } }, key, descriptor };
}

/** Templates and keys of a till on real files: rows in the data folder, keys outside of it. */
export interface FaceFiles extends FacePorts {
  readonly rows: FaceRows & { file: string };
  close(): void;
}

export function openFaceFiles(dataDir: string, keysFile: string): FaceFiles {
  const file = join(dataDir, 'face-rows.db');
  const db = new Database(file);
  db.exec('CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, body TEXT NOT NULL)');
  const keysDb = new Database(keysFile);
  keysDb.pragma('secure_delete = ON');
  keysDb.exec(`
    CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, key BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS erased (id TEXT PRIMARY KEY, reason TEXT NOT NULL, at_ms INTEGER NOT NULL)`);
  const rows: FaceFiles['rows'] = {
    file,
    find(id) {
      const row = db.prepare('SELECT body FROM rows WHERE id = ?').get(id) as { body: string };
      return row === undefined ? undefined : faceTemplateSchema.parse(JSON.parse(row.body));
    },
    ids: () => db.prepare('SELECT id FROM rows ORDER BY id').pluck().all() as string[],
    put: (template) =>
      void db
        .prepare('INSERT OR IGNORE INTO rows VALUES (?, ?)')
        .run(template.templateId, JSON.stringify(template)),
    end: (id) => void db.prepare('DELETE FROM rows WHERE id = ?').run(id),
    opens: (template, key) => openDescriptor(template, key) !== undefined,
  };
  const keys: FaceKeyStore = {
    get: (id) => keysDb.prepare('SELECT key FROM keys WHERE id = ?').pluck().get(id) as Buffer,
    put(id, key) {
      if (keys.erased(id) !== undefined) return false;
      keysDb.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?)').run(id, key);
      return true;
    },
    erase(id, reason, atMs) {
      keysDb.prepare('DELETE FROM keys WHERE id = ?').run(id);
      keysDb.prepare('INSERT OR IGNORE INTO erased VALUES (?, ?, ?)').run(id, reason, atMs);
    },
    erased: (id) =>
      keysDb.prepare('SELECT reason, at_ms AS atMs FROM erased WHERE id = ?').get(id) as never,
    ids: () => keysDb.prepare('SELECT id FROM keys ORDER BY id').pluck().all() as string[],
    erasedIds: () => keysDb.prepare('SELECT id FROM erased ORDER BY id').pluck().all() as string[],
  };
  return {
    rows,
    keys,
    close() {
      db.close();
      keysDb.close();
    },
  };
}

const folders: string[] = [];

/** Templates and keys in folders that {@link removeFaceFolders} removes. */
export function newFaceFiles(): FaceFiles {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-faces-'));
  folders.push(folder);
  return openFaceFiles(folder, join(folder, 'keys.db'));
}

export function removeFaceFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
