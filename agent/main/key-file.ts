import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { err, ok, type Result, type Text, text } from '../contract/index.ts';
import { writeDurably } from '../store/durable-file.ts';
import type { KeyStore, KeyStoreError } from '../store/key-store.ts';

/** A key file is 64 hexadecimal digits and a line end. */
const KEY_TEXT = /^[0-9a-f]{64}\s*$/i;
const FOR_OTHERS = 0o077;

/** What the place of the key file depends on. */
export interface KeyFilePlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** Tells the tills of one user apart; letters, digits, `.`, `_`, `-`. */
  readonly name: string;
}

/**
 * Where the key file lies unless told otherwise: the user's configuration folder, which a copy of the data folder does
 * not contain. `%APPDATA%` on Windows, `$XDG_CONFIG_HOME` or `~/.config` elsewhere.
 */
export function defaultKeyFile({ platform, env, homeDir, name }: KeyFilePlace): string {
  const file = `${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.key`;
  const config =
    platform === 'win32'
      ? (env['APPDATA'] ?? join(homeDir, 'AppData', 'Roaming'))
      : // An empty or relative XDG_CONFIG_HOME counts as unset (XDG Base Directory Specification 0.8).
        env['XDG_CONFIG_HOME']?.startsWith('/')
        ? env['XDG_CONFIG_HOME']
        : join(homeDir, '.config');
  return join(config, 'tillside', file);
}

/** The database key in a file that only this user may read, outside the data folder. */
export function createKeyFile({ path, dataDir }: { path: string; dataDir: string }): KeyStore {
  return {
    load() {
      try {
        return load(path, dataDir);
      } catch (cause) {
        return keyFileFailure('key-unreadable', path, cause);
      }
    },
    save(key) {
      try {
        return save(path, dataDir, key);
      } catch (cause) {
        return keyFileFailure('key-not-saved', path, cause);
      }
    },
  };
}

function load(path: string, dataDir: string): Result<Uint8Array | undefined, KeyStoreError> {
  if (liesInside(path, dataDir)) return keyFileFailure('key-inside-data-folder', path);
  if (!existsSync(path)) return ok(undefined);
  // Windows keeps rights in lists that the user's own folder already narrows.
  const open = process.platform === 'win32' ? 0 : statSync(path).mode & FOR_OTHERS;
  if (open !== 0) return keyFileFailure('key-permissions', path);
  const content = readFileSync(path, 'utf8');
  if (!KEY_TEXT.test(content)) return keyFileFailure('key-unreadable', path);
  return ok(new Uint8Array(Buffer.from(content.trim(), 'hex')));
}

function save(path: string, dataDir: string, key: Uint8Array): Result<void, KeyStoreError> {
  if (liesInside(path, dataDir)) return keyFileFailure('key-inside-data-folder', path);
  if (existsSync(path)) return keyFileFailure('key-exists', path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeDurably(path, `${Buffer.from(key).toString('hex')}\n`, 0o600);
  return ok(undefined);
}

/** Whether a path lies in a folder; links count by where they lead. */
export function liesInside(path: string, folder: string): boolean {
  const way = relative(realPath(folder), realPath(path));
  return (
    way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^([A-Za-z]:|[\\/])/.test(way))
  );
}

/** The real path of what may not exist yet: that of its nearest folder that does. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), basename(path));
}

const ADVICE: Readonly<
  Record<KeyStoreError['code'], { message: Text; remedy: (path: string) => Text }>
> = {
  'key-unreadable': {
    message: text('密钥文件无法读取或内容不对', 'The key file cannot be read or holds no key'),
    remedy: (path) =>
      text(`从备份恢复密钥文件 ${path}`, `Restore the key file ${path} from its backup`),
  },
  'key-inside-data-folder': {
    message: text('密钥文件放在数据文件夹里', 'The key file lies inside the data folder'),
    remedy: (path) =>
      text(
        `把 ${path} 移到数据文件夹之外，否则拿到数据的人也拿到密钥`,
        `Move ${path} out of the data folder: whoever takes the data would take the key with it`,
      ),
  },
  'key-permissions': {
    message: text('密钥文件可以被其他用户读取', 'Other users may read the key file'),
    remedy: (path) => text(`运行：chmod 600 '${path}'`, `Run: chmod 600 '${path}'`),
  },
  'key-exists': {
    message: text('已有密钥文件，不会覆盖', 'There is a key file already; it is not replaced'),
    remedy: (path) => text(`检查 ${path} 属于哪台收银台`, `Find out which till ${path} belongs to`),
  },
  'key-not-saved': {
    message: text('密钥文件无法写入', 'The key file cannot be written'),
    remedy: (path) =>
      text(
        `检查磁盘空间和 ${dirname(path)} 的写入权限`,
        `Check disk space and the right to write in ${dirname(path)}`,
      ),
  },
};

/** A failure of a key file, in the words for its code. */
export function keyFileFailure(
  code: KeyStoreError['code'],
  path: string,
  cause?: unknown,
): Result<never, KeyStoreError> {
  const { message, remedy } = ADVICE[code];
  const words = cause instanceof Error ? `${path}: ${cause.message}` : path;
  return err({
    code,
    message,
    remedy: remedy(path),
    detail: words,
    ...(cause === undefined ? {} : { cause }),
  });
}
