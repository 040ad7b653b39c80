import { createPrivateKey, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { err, ok, type Result, type Text, text } from '../../contract/index.ts';

/** A file named on the command line that cannot be used; `complain` prints it. */
export interface InputFileError {
  readonly code: 'unreadable' | 'too-large' | 'not-utf8' | 'not-json' | 'not-a-key';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

/** Reads a UTF-8 file of at most `maxBytes`. */
export function readTextFile(path: string, maxBytes: number): Result<string, InputFileError> {
  let bytes: Buffer | null;
  try {
    bytes = readAtMost(path, maxBytes);
  } catch (cause) {
    return refuse(
      'unreadable',
      `无法读取文件：${path}`,
      `The file cannot be read: ${path}`,
      reasonOf(cause),
    );
  }
  if (bytes === null)
    return refuse(
      'too-large',
      `文件太大：${path}`,
      `The file is too large: ${path}`,
      `more than ${maxBytes} bytes`,
    );
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return refuse(
      'not-utf8',
      `文件不是 UTF-8 编码：${path}`,
      `The file is not UTF-8: ${path}`,
      reasonOf(cause),
    );
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a file; null where it holds more. A pipe or a device tells no size, so what comes is counted. */
function readAtMost(path: string, maxBytes: number): Buffer | null {
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file);
    if (stat.isFile() && stat.size > maxBytes) return null;
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, maxBytes + 1));
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(Buffer.from(chunk.subarray(0, read)));
      size += read;
      if (size > maxBytes) return null;
    }
  } finally {
    closeSync(file);
  }
}

/** Reads a JSON file of at most `maxBytes`. */
export function readJsonFile(path: string, maxBytes: number): Result<unknown, InputFileError> {
  const source = readTextFile(path, maxBytes);
  if (!source.ok) return source;
  try {
    return ok(JSON.parse(source.value));
  } catch (cause) {
    return refuse(
      'not-json',
      `文件不是 JSON：${path}`,
      `The file is not JSON: ${path}`,
      reasonOf(cause),
    );
  }
}

const KEY_FILE_MAX_BYTES = 64 * 1024;

/** Reads an Ed25519 private key in PEM form. */
export function readSigningKey(path: string): Result<KeyObject, InputFileError> {
  const pem = readTextFile(path, KEY_FILE_MAX_BYTES);
  if (!pem.ok) return pem;
  try {
    const key = createPrivateKey(pem.value);
    if (key.asymmetricKeyType === 'ed25519') return ok(key);
    return refuse(
      'not-a-key',
      `签名密钥类型不对：${path}`,
      `The key is not Ed25519: ${path}`,
      String(key.asymmetricKeyType),
    );
  } catch (cause) {
    return refuse(
      'not-a-key',
      `文件中没有可用的私钥：${path}`,
      `The file holds no private key that can be read: ${path}`,
      reasonOf(cause),
    );
  }
}

function refuse(
  code: InputFileError['code'],
  zhCN: string,
  en: string,
  detail: string,
): Result<never, InputFileError> {
  return err({
    code,
    message: text(zhCN, en),
    remedy: text('检查路径和文件后重试', 'Check the path and the file, then try again'),
    detail,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
