import type { FingerCapability, FingerFailure, FingerFailureCode } from '../contract/finger.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { markOf, parseParameters, parseProduct } from './capability.ts';
import { instructions, type ModuleCode, moduleCodeOf } from './codes.ts';
import type { Exchange, ExchangeFailure, ModuleCommand, ModuleReply } from './exchange.ts';

/** How long a module takes, at most, for what reads the glass, searches or writes its flash. */
export const IMAGE_TIMEOUT_MS = 2_000;
export const SEARCH_TIMEOUT_MS = 3_000;
export const FLASH_TIMEOUT_MS = 2_000;
/** Pages that one index reply tells of. */
const PAGES_PER_INDEX = 256;
const NOTEPAD_BYTES = 32;
/** The notepad page that holds the library's mark. */
const MARK_NOTE = 0;

export type Answer<T> = Result<T, FingerFailure>;

/** What a code means for whoever asked, where nothing more is known than the code. */
const meanings: Readonly<Record<Exclude<ModuleCode, 'ok'>, FingerFailureCode>> = {
  'bad-packet': 'garbled',
  'no-finger': 'no-finger',
  'capture-failed': 'poor-quality',
  'too-messy': 'poor-quality',
  'too-few-features': 'poor-quality',
  'no-match': 'not-confirmed',
  'not-found': 'not-confirmed',
  'cannot-merge': 'captures-differ',
  'page-out-of-range': 'page-out-of-range',
  'template-read-error': 'page-empty',
  'upload-error': 'garbled',
  'receive-error': 'garbled',
  'image-upload-error': 'garbled',
  'delete-error': 'flash-fault',
  'clear-error': 'flash-fault',
  'wrong-password': 'wrong-password',
  'no-valid-image': 'poor-quality',
  'residual-finger': 'poor-quality',
  'flash-error': 'flash-fault',
  'bad-register': 'unsupported',
  'port-error': 'garbled',
  'library-full': 'library-full',
  'wrong-address': 'garbled',
  'password-required': 'wrong-password',
  'template-empty': 'page-empty',
  'library-empty': 'page-empty',
  'module-timeout': 'no-finger',
  'already-enrolled': 'duplicate',
  'sensor-fault': 'sensor-fault',
  unsupported: 'unsupported',
  'hardware-fault': 'sensor-fault',
  'command-failed': 'sensor-fault',
  unknown: 'unknown-code',
};

/** A code as a failure; the number is kept, also of codes that nobody knows. */
export const failureOf = (moduleCode: number): FingerFailure => {
  const name = moduleCodeOf(moduleCode);
  const number = `0x${moduleCode.toString(16).padStart(2, '0')}`;
  if (name === 'ok') throw new Error('broken invariant: success is no failure');
  return { code: meanings[name], detail: `the module said ${number} (${name})`, moduleCode };
};

const failureOfExchange = ({ code, detail }: ExchangeFailure): FingerFailure => ({
  code: code === 'closed' ? 'not-ready' : code,
  detail,
});

const u16 = (value: number): readonly number[] => [value >> 8, value & 0xff];
const u32 = (value: number): readonly number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];

const readU16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** The instructions of a module, each as one call. Buffers count from 1, pages from 0. */
export type FingerModule = {
  /** The reply whatever its code is. */
  ask(command: ModuleCommand): Promise<Answer<ModuleReply>>;
  describe(): Promise<Answer<FingerCapability>>;
  /** Whether a finger lies on the glass; its image is in the module then. Gives the code. */
  takeImage(): Promise<Answer<ModuleCode>>;
  /** Gives the code: a bad image is no failure of the module. */
  imageToTemplate(buffer: number): Promise<Answer<ModuleCode>>;
  merge(): Promise<Answer<null>>;
  match(): Promise<Answer<{ readonly isMatch: boolean; readonly score: number }>>;
  search(
    buffer: number,
    pages: number,
  ): Promise<Answer<{ readonly page: number; readonly score: number } | null>>;
  store(buffer: number, page: number): Promise<Answer<null>>;
  load(buffer: number, page: number): Promise<Answer<null>>;
  upload(buffer: number): Promise<Answer<Uint8Array>>;
  download(buffer: number, template: Uint8Array): Promise<Answer<null>>;
  remove(page: number): Promise<Answer<null>>;
  clear(): Promise<Answer<null>>;
  index(capacity: number): Promise<Answer<readonly number[]>>;
  readNote(): Promise<Answer<Uint8Array>>;
  writeNote(bytes: Uint8Array): Promise<Answer<null>>;
  setPassword(password: number): Promise<Answer<null>>;
  /** Whether it obeyed; a module without a light is none the worse. */
  light(on: boolean, kind: FingerCapability['light']): Promise<boolean>;
};

/** Bits of the index table: byte 0 bit 0 is page 0. */
const pagesOf = (table: Uint8Array, first: number): readonly number[] =>
  [...table].flatMap((byte, at) =>
    Array.from({ length: 8 }, (_, bit) => bit)
      .filter((bit) => (byte >> bit) & 1)
      .map((bit) => first + at * 8 + bit),
  );

/** The module behind an exchange. */
export const createModule = (exchange: Exchange): FingerModule => {
  const ask = async (command: ModuleCommand): Promise<Answer<ModuleReply>> => {
    const done = await exchange.request(command);
    return done.ok ? done : err(failureOfExchange(done.error));
  };

  /** A reply other than `ok` is a failure. */
  const must = async (command: ModuleCommand): Promise<Answer<ModuleReply>> => {
    const done = await ask(command);
    return done.ok && done.value.code !== 0 ? err(failureOf(done.value.code)) : done;
  };

  const nothing = async (command: ModuleCommand): Promise<Answer<null>> => {
    const done = await must(command);
    return done.ok ? ok(null) : done;
  };

  /** The code, as an answer: only what is no answer at all is a failure. */
  const codeOf = async (command: ModuleCommand): Promise<Answer<ModuleCode>> => {
    const done = await ask(command);
    return done.ok ? ok(moduleCodeOf(done.value.code)) : done;
  };

  const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

  return {
    ask,
    async describe() {
      const said = await must({ instruction: instructions.readParameters });
      if (!said.ok) return said;
      const parameters = parseParameters(said.value.body);
      if (parameters === undefined)
        return err({ code: 'garbled', detail: 'parameters that no module of the family has' });
      const told = await ask({ instruction: instructions.productInfo });
      if (!told.ok && told.error.code !== 'silent') return told;
      const product = told.ok && told.value.code === 0 ? parseProduct(told.value.body) : undefined;
      return ok({
        ...parameters,
        ...(product === undefined ? {} : { product }),
        mark: markOf(parameters, product),
        light: product === undefined ? 'lamp' : 'aura',
        // Buffers 3 to 6 came with the models that tell what they are.
        buffers: product === undefined ? 2 : 6,
      });
    },
    takeImage: () => codeOf({ instruction: instructions.getImage, timeoutMs: IMAGE_TIMEOUT_MS }),
    imageToTemplate: (buffer) =>
      codeOf({
        instruction: instructions.imageToTemplate,
        parameters: bytes(buffer),
        timeoutMs: IMAGE_TIMEOUT_MS,
      }),
    merge: () => nothing({ instruction: instructions.mergeTemplates, timeoutMs: IMAGE_TIMEOUT_MS }),
    async match() {
      const said = await ask({ instruction: instructions.match, timeoutMs: IMAGE_TIMEOUT_MS });
      if (!said.ok) return said;
      const { code, body } = said.value;
      if (moduleCodeOf(code) === 'no-match') return ok({ isMatch: false, score: 0 });
      if (code !== 0) return err(failureOf(code));
      return ok({ isMatch: true, score: readU16(body, 0) });
    },
    async search(buffer, pages) {
      const said = await ask({
        instruction: instructions.search,
        parameters: bytes(buffer, ...u16(0), ...u16(pages)),
        timeoutMs: SEARCH_TIMEOUT_MS,
      });
      if (!said.ok) return said;
      const { code, body } = said.value;
      const name = moduleCodeOf(code);
      if (name === 'not-found' || name === 'library-empty') return ok(null);
      if (code !== 0) return err(failureOf(code));
      return ok({ page: readU16(body, 0), score: readU16(body, 2) });
    },
    store: (buffer, page) =>
      nothing({
        instruction: instructions.store,
        parameters: bytes(buffer, ...u16(page)),
        timeoutMs: FLASH_TIMEOUT_MS,
      }),
    load: (buffer, page) =>
      nothing({
        instruction: instructions.load,
        parameters: bytes(buffer, ...u16(page)),
        timeoutMs: FLASH_TIMEOUT_MS,
      }),
    async upload(buffer) {
      const said = await must({
        instruction: instructions.upload,
        parameters: bytes(buffer),
        givesData: true,
      });
      return said.ok ? ok(said.value.data) : said;
    },
    download: (buffer, template) =>
      nothing({
        instruction: instructions.download,
        parameters: bytes(buffer),
        data: template,
      }),
    remove: (page) =>
      nothing({
        instruction: instructions.delete,
        parameters: bytes(...u16(page), ...u16(1)),
        timeoutMs: FLASH_TIMEOUT_MS,
      }),
    clear: () => nothing({ instruction: instructions.empty, timeoutMs: FLASH_TIMEOUT_MS }),
    async index(capacity) {
      const pages: number[] = [];
      for (let first = 0; first < capacity; first += PAGES_PER_INDEX) {
        const said = await must({
          instruction: instructions.readIndex,
          parameters: bytes(first / PAGES_PER_INDEX),
        });
        if (!said.ok) return said;
        if (said.value.body.length !== PAGES_PER_INDEX / 8)
          return err({ code: 'garbled', detail: 'an index table of another size' });
        pages.push(...pagesOf(said.value.body, first).filter((page) => page < capacity));
      }
      return ok(pages);
    },
    async readNote() {
      const said = await must({
        instruction: instructions.readNotepad,
        parameters: bytes(MARK_NOTE),
      });
      if (!said.ok) return said;
      return said.value.body.length === NOTEPAD_BYTES
        ? ok(said.value.body)
        : err({ code: 'garbled', detail: 'a notepad page of another size' });
    },
    writeNote(note) {
      const page = new Uint8Array(NOTEPAD_BYTES);
      page.set(note.subarray(0, NOTEPAD_BYTES));
      return nothing({
        instruction: instructions.writeNotepad,
        parameters: bytes(MARK_NOTE, ...page),
        timeoutMs: FLASH_TIMEOUT_MS,
      });
    },
    setPassword: (password) =>
      nothing({
        instruction: instructions.setPassword,
        parameters: bytes(...u32(password)),
        timeoutMs: FLASH_TIMEOUT_MS,
      }),
    async light(on, kind) {
      if (kind === 'none') return false;
      // Aura: control (3 = steady, 4 = off), speed, colour (2 = blue), times.
      const command =
        kind === 'aura'
          ? { instruction: instructions.auraLight, parameters: bytes(on ? 3 : 4, 0, 2, 0) }
          : { instruction: on ? instructions.lampOn : instructions.lampOff };
      return (await must(command)).ok;
    },
  };
};
