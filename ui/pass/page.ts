import { CREDENTIAL_STEP_SECONDS } from '../../agent/contract/credential.ts';
import type { Language } from '../../agent/contract/text.ts';
import { stepOf } from '../../agent/domain/credential/record.ts';
import type { PassReply } from '../../sync/protocol/pass.ts';
import { drawQr } from './draw-qr.ts';
import { clockIsOff, noticesOf, refusalOf } from './notices.ts';
import { type Pass, readCode } from './pass.ts';
import type { StoredPass } from './pass-store.ts';
import type { Preferences } from './preferences.ts';
import { createRender } from './render.ts';
import type { PassState, Said } from './state.ts';
import { type PassActions, showLeft } from './view.ts';
import { whyBroken } from './why-broken.ts';

/** The ring moves so often, in milliseconds. */
const TICK_MS = 250;
/** Headquarters is asked again while the page is open, in milliseconds. */
const REFRESH_MS = 15 * 60_000;

export interface PageParts {
  readonly root: HTMLElement;
  readonly pass: Pass;
  readonly now: () => number;
  /** Takes the code behind `#` out of the address; empty where there is none. */
  readonly takeLinkCode: () => string;
  readonly preferences: Preferences;
  /** Loads the page again. */
  readonly again: () => void;
  readonly forgets: boolean;
}

/** Runs the page: shows the pass, renews its code with every step while it is in sight, and asks headquarters beside. */
export async function runPage(parts: PageParts): Promise<void> {
  const { root, pass, now, takeLinkCode, preferences, again, forgets } = parts;
  let state: PassState = { at: 'starting', language: preferences.language() };
  let shownStep: number | null = null;
  let drawing = false;
  let askedAtMs = 0;
  let heard = true;
  let clockOff = false;
  /** A code from the address that waits until it is known whether there is a pass. */
  let offered = '';
  /** What is said until the page is loaded again. */
  let told: readonly Said[] = [];

  const actions: PassActions = {
    link: (typed) => void link(typed).catch(broke),
    toggleLanguage() {
      const language: Language = state.language === 'en' ? 'zh-CN' : 'en';
      preferences.choose(language);
      const typed = root.querySelector<HTMLInputElement>('#code')?.value;
      show({ ...state, language, ...(typed === undefined ? {} : { code: typed }) });
    },
    askRemove() {
      if (state.at !== 'linked') return;
      show({ ...state, removal: 'asked' });
      root.querySelector<HTMLElement>('#keep')?.focus();
    },
    keep() {
      if (state.at !== 'linked') return;
      show({ ...state, removal: 'none' });
      root.querySelector<HTMLElement>('#remove')?.focus();
    },
    remove: () => void remove().catch(broke),
    again,
  };
  const render = createRender(root, actions);

  function show(next: PassState): void {
    const before = canvasOf(root);
    state = next;
    render(next);
    if (canvasOf(root) !== before) shownStep = null;
    tick();
  }

  function broke(error: unknown): void {
    show({ at: 'broken', language: state.language, why: whyBroken(error) });
  }

  function unlinked(notices: readonly Said[], code = ''): void {
    show({ at: 'unlinked', language: state.language, code, busy: false, forgets, notices });
  }

  function linked(stored: StoredPass, more: readonly Said[] = told): void {
    const { facts } = stored;
    const untilMs = Date.parse(facts.validUntil);
    const good = untilMs >= now();
    const ended = untilMs < now() - stored.aheadMs;
    clockOff = clockIsOff(stored);
    // The code of a key that was replaced is nobody's any more.
    if (state.at === 'linked' && state.facts.keyId !== facts.keyId) shownStep = null;
    const notices = [...more, ...noticesOf(stored, state.language, now(), heard)];
    show({ at: 'linked', language: state.language, facts, good, ended, removal: 'none', notices });
  }

  /** Every step has a code of its own, drawn only once its counter is on the disk, and only while somebody looks. */
  function tick(): void {
    if (state.at !== 'linked' || !state.good || document.hidden) return;
    if (state.removal === 'running') return;
    showLeft(root, now() % (CREDENTIAL_STEP_SECONDS * 1_000), state.language);
    if (shownStep !== stepOf(now()) && !drawing) void draw().catch(broke);
  }

  async function draw(): Promise<void> {
    drawing = true;
    try {
      const code = await pass.nextCode();
      if (state.at !== 'linked' || state.removal === 'running') return;
      if (code === undefined) return await showStored();
      const canvas = canvasOf(root);
      if (canvas === null || document.hidden) return;
      canvas.dataset['code'] = code.text;
      paint(canvas);
      shownStep = code.step;
    } finally {
      drawing = false;
    }
  }

  async function showStored(): Promise<void> {
    const stored = await pass.stored();
    if (stored === undefined) unlinked([], offered);
    else linked(stored);
  }

  async function link(typed: string): Promise<void> {
    const code = readCode(typed);
    if (!code.ok) return unlinked([{ word: 'codeForm' }], typed);
    const { language } = state;
    show({ at: 'unlinked', language, code: code.value, busy: true, forgets, notices: [] });
    try {
      const answer = await pass.link(code.value);
      if (answer.ok) return await showLinked(answer.value);
      if (answer.error.code === 'linked-already') return await showLinkedAlready();
      unlinked(refusalOf(answer.error), code.value);
    } catch (error) {
      // The browser could not keep the key, or its certificate: the same code goes on from there.
      unlinked([{ word: whyBroken(error) }], code.value);
    }
  }

  async function showLinked({ ended }: PassReply): Promise<void> {
    heard = true;
    askedAtMs = now();
    offered = '';
    told = ended === 0 ? [] : [{ word: 'othersEnded', values: { n: ended } }];
    await showStored();
    // A browser that promises nothing keeps the pass as long as it likes.
    await navigator.storage?.persist?.().catch(() => false);
  }

  async function showLinkedAlready(): Promise<void> {
    told = [{ word: 'linkedAlready' }];
    await showStored();
    await refresh();
  }

  async function refresh(): Promise<void> {
    if (state.at !== 'linked') return;
    askedAtMs = now();
    const answer = await pass.refresh();
    if (state.at !== 'linked') return;
    heard = answer.ok || answer.error.code !== 'unreachable';
    if (!answer.ok && answer.error.code === 'pass-unknown') {
      told = [];
      return unlinked([{ word: 'endedElsewhere' }], offered);
    }
    if (state.removal !== 'none') return;
    const stored = await pass.stored();
    if (stored === undefined) return unlinked([], offered);
    linked(stored, answer.ok || !heard ? told : refusalOf(answer.error));
  }

  async function remove(): Promise<void> {
    if (state.at !== 'linked') return;
    show({ ...state, removal: 'running' });
    const { told: isTold } = await pass.remove();
    told = [];
    unlinked([{ word: isTold ? 'removed' : 'removedOffline' }], offered);
  }

  /** A clock that was set back since counts as long ago. */
  function refreshWhereDue(): void {
    const sinceMs = now() - askedAtMs;
    if (!document.hidden && (sinceMs < 0 || sinceMs >= REFRESH_MS)) void refresh().catch(broke);
  }

  /** Somebody looks at the page again. */
  async function comeBack(): Promise<void> {
    // Another tab may have linked this phone meanwhile.
    if (state.at === 'unlinked' && !state.busy && (await pass.stored()) !== undefined)
      await arrive();
    // Who was told to set the clock comes from there.
    else if (clockOff) await refresh();
    else refreshWhereDue();
  }

  document.addEventListener('visibilitychange', () => {
    // What was on the screen may have been photographed; and a scanner before the phone shall meet the fresh code only.
    shownStep = null;
    const canvas = canvasOf(root);
    if (canvas !== null) wipe(canvas);
    if (document.hidden) return;
    tick();
    void comeBack().catch(broke);
  });
  addEventListener('resize', () => {
    const canvas = canvasOf(root);
    if (canvas !== null) paint(canvas);
  });
  addEventListener('online', () => void refresh().catch(broke));
  setInterval(() => {
    tick();
    refreshWhereDue();
  }, TICK_MS);

  addEventListener('hashchange', () => void arrive().catch(broke));
  await arrive();

  /** Somebody opened the page, or the address of a code while it was open. */
  async function arrive(): Promise<void> {
    offered = takeLinkCode() || offered;
    const stored = await pass.stored();
    if (stored === undefined) return unlinked([], offered);
    told = offered === '' ? told : [{ word: 'linkedAlready' }];
    linked(stored);
    await refresh();
  }
}

function canvasOf(root: HTMLElement): HTMLCanvasElement | null {
  return root.querySelector<HTMLCanvasElement>('#qr');
}

/** Draws the code that the canvas stands for into the room that there is. */
function paint(canvas: HTMLCanvasElement): void {
  const text = canvas.dataset['code'];
  if (text !== undefined)
    drawQr(canvas, text, canvas.parentElement?.clientWidth ?? 0, devicePixelRatio);
}

function wipe(canvas: HTMLCanvasElement): void {
  delete canvas.dataset['code'];
  canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
}
