import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One place where a secret lies in clear. */
export interface Finding {
  /** Path inside the searched folder. */
  readonly file: string;
  readonly secret: string;
  readonly encoding: string;
  readonly offset: number;
}

/**
 * Every place under `folder` where one of the secrets lies in clear: texts as UTF-8, UTF-16LE and UTF-16BE, and texts of
 * digits also with separators between them; bytes as they are, as hex in both cases and as base64.
 *
 * Not to be run in the process that has a database of the folder open: closing a file gives up all POSIX locks that
 * the process has on it.
 */
export function findInClear(folder: string, secrets: readonly (string | Uint8Array)[]): Finding[] {
  const needles = secrets.flatMap(needlesOf);
  return filesUnder(folder).flatMap((path) => {
    const content = readFileSync(path);
    const file = relative(folder, path);
    return [...findBytes(content, needles), ...findDigitRuns(content, secrets)].map((found) => ({
      file,
      ...found,
    }));
  });
}

/** Every file under a folder, in order of name. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

interface Needle {
  readonly secret: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

function needlesOf(secret: string | Uint8Array): Needle[] {
  if (typeof secret === 'string') {
    const little = Buffer.from(secret, 'utf16le');
    return [
      { secret, encoding: 'utf8', bytes: Buffer.from(secret, 'utf8') },
      { secret, encoding: 'utf16le', bytes: little },
      { secret, encoding: 'utf16be', bytes: Buffer.from(little).swap16() },
    ];
  }
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return [
    { secret: hex, encoding: 'bytes', bytes },
    { secret: hex, encoding: 'hex', bytes: Buffer.from(hex) },
    { secret: hex, encoding: 'HEX', bytes: Buffer.from(hex.toUpperCase()) },
    {
      secret: hex,
      encoding: 'base64',
      bytes: Buffer.from(bytes.toString('base64').replace(/=+$/, '')),
    },
    { secret: hex, encoding: 'base64url', bytes: Buffer.from(bytes.toString('base64url')) },
  ];
}

function findBytes(content: Buffer, needles: readonly Needle[]): Omit<Finding, 'file'>[] {
  return needles.flatMap(({ secret, encoding, bytes }) => {
    const offset = content.indexOf(bytes);
    return offset === -1 ? [] : [{ secret, encoding, offset }];
  });
}

/** Phone numbers written `138 0013 8000` or `138-0013-8000`, in one byte or two per character. */
function findDigitRuns(
  content: Buffer,
  secrets: readonly (string | Uint8Array)[],
): Omit<Finding, 'file'>[] {
  const numbers = secrets.filter((s) => typeof s === 'string').filter((s) => /^\d{6,}$/.test(s));
  if (numbers.length === 0) return [];
  const text = content.toString('latin1');
  return numbers.flatMap((secret) => {
    const offset = text.search(new RegExp([...secret].join('[\\x00 .()-]{0,3}')));
    return offset === -1 ? [] : [{ secret, encoding: 'digit run', offset }];
  });
}
