import { CREDENTIAL_STEP_SECONDS } from '../../agent/contract/credential.ts';
import { LANGUAGES, type Language } from '../../agent/contract/text.ts';
import { stepOf } from '../../agent/domain/credential/record.ts';
import { PASS_RENEW_DAYS, type PassReply } from '../../sync/protocol/pass.ts';
import type { Refusal } from './ask-hq.ts';
import { drawQr } from './draw-qr.ts';
import { CLOCK_TOLD_MS, type Pass, readCode } from './pass.ts';
import type { StoredPass } from './pass-store.ts';
import type { PassState, Said } from './state.ts';
import { type PassActions, showLeft, viewOf } from './view.ts';
import { sayWord } from './words.ts';

/** The ring moves so often, in milliseconds. */
const TICK_MS = 250;
/** Headquarters is asked again while the page is open, in milliseconds. */
const REFRESH_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const PREFERENCE = 'tillside.language';

export interface PageParts {
  readonly root: HTMLElement;
  readonly pass: Pass;
  readonly now: () => number;
  /** Takes the code behind `#` out of the address; empty where there is none. */
  readonly takeLinkCode: () => string;
  readonly preferences: Pick<Storage, 'getItem' | 'setItem'>;
}

/** The language chosen on this page, else that of the browser: Chinese where it is any Chinese, else English. */
export function firstLanguage(preferences: Pick<Storage, 'getItem'>, browser: string): Language {
  const chosen = LANGUAGES.find((one) => one === preferences.getItem(PREFERENCE));
  return chosen ?? (/^zh\b/i.test(browser) ? 'zh-CN' : 'en');
}

/** Runs the page: shows the pass, renews its code with every step while it is in sight, and asks headquarters beside. */
export async function runPage({
  root,
  pass,
  now,
  takeLinkCode,
  preferences,
}: PageParts): Promise<void> {
  let state: PassState = {
    at: 'starting',
    language: firstLanguage(preferences, navigator.language),
  };
  let shownStep: number | null = null;
  let drawing = false;
  let askedAtMs = 0;
  let heard = true;
  /** What is said until the page is loaded again. */
  let told: readonly Said[] = [];

  const actions: PassActions = {
    link: (typed) => void link(typed).catch(broke),
    toggleLanguage() {
      const language: Language = state.language === 'en' ? 'zh-CN' : 'en';
      preferences.setItem(PREFERENCE, language);
      show({ ...state, language });
    },
    askRemove() {
      if (state.at !== 'linked') return;
      show({ ...state, asking: true });
      root.querySelector<HTMLElement>('#keep')?.focus();
    },
    keep() {
      if (state.at === 'linked') show({ ...state, asking: false });
    },
    remove: () => void remove().catch(broke),
  };

  function show(next: PassState): void {
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    document.documentElement.lang = next.language;
    document.title = sayWord('title', next.language);
    // A code that somebody holds under a scanner stays as it is.
    const before = root.querySelector<HTMLCanvasElement>('#qr');
    root.replaceChildren(...viewOf(next, actions));
    const place = root.querySelector<HTMLCanvasElement>('#qr');
    if (before === null || place === null) shownStep = null;
    else {
      before.ariaLabel = place.ariaLabel;
      place.replaceWith(before);
    }
    tick();
  }

  function broke(): void {
    show({ at: 'broken', language: state.language, why: 'wrong' });
  }

  function unlinked(notices: readonly Said[], code = ''): void {
    show({ at: 'unlinked', language: state.language, code, busy: false, notices });
  }

  function linked(stored: StoredPass, more: readonly Said[] = told): void {
    const { facts } = stored;
    const good = Date.parse(facts.validUntil) >= now();
    // The code of a key that was replaced is nobody's any more.
    const isOther = state.at === 'linked' && state.facts.keyId !== facts.keyId;
    const notices = [...more, ...noticesOf(stored, state.language, now(), heard)];
    show({ at: 'linked', language: state.language, facts, good, asking: false, notices });
    if (isOther) shownStep = null;
  }

  /** Every step has a code of its own, drawn only once its counter is on the disk, and only while somebody looks. */
  function tick(): void {
    if (state.at !== 'linked' || !state.good || document.hidden) return;
    showLeft(root, now() % (CREDENTIAL_STEP_SECONDS * 1_000), state.language);
    if (shownStep !== stepOf(now()) && !drawing) void draw().catch(broke);
  }

  async function draw(): Promise<void> {
    drawing = true;
    try {
      const code = await pass.nextCode();
      const canvas = root.querySelector<HTMLCanvasElement>('#qr');
      if (code === undefined) return await showStored();
      if (canvas === null) return;
      drawQr(canvas, code.text, canvas.parentElement?.clientWidth ?? 0, devicePixelRatio);
      canvas.dataset['code'] = code.text;
      shownStep = code.step;
    } finally {
      drawing = false;
    }
  }

  async function showStored(): Promise<void> {
    const stored = await pass.stored();
    if (stored === undefined) unlinked([]);
    else linked(stored);
  }

  async function link(typed: string): Promise<void> {
    const code = readCode(typed);
    if (!code.ok) return unlinked([{ word: 'codeForm' }], typed);
    show({ at: 'unlinked', language: state.language, code: code.value, busy: true, notices: [] });
    const answer = await pass.link(code.value);
    if (!answer.ok) return unlinked(refusalOf(answer.error), code.value);
    heard = true;
    askedAtMs = now();
    await showLinked(answer.value);
    await navigator.storage?.persist?.();
  }

  async function showLinked({ ended }: PassReply): Promise<void> {
    const stored = await pass.stored();
    if (stored === undefined) return unlinked([]);
    told = ended === 0 ? [] : [{ word: 'othersEnded', values: { n: ended } }];
    linked(stored);
  }

  async function refresh(): Promise<void> {
    if (state.at !== 'linked') return;
    askedAtMs = now();
    const answer = await pass.refresh();
    if (state.at !== 'linked' || state.asking) return;
    heard = answer.ok || answer.error.code !== 'unreachable';
    if (!answer.ok && answer.error.code === 'pass-unknown')
      return unlinked([{ word: 'endedElsewhere' }]);
    const stored = await pass.stored();
    if (stored === undefined) return unlinked([]);
    linked(stored, answer.ok || !heard ? told : refusalOf(answer.error));
  }

  async function remove(): Promise<void> {
    const { told } = await pass.remove();
    unlinked([{ word: told ? 'removed' : 'removedOffline' }]);
  }

  document.addEventListener('visibilitychange', () => {
    // What was on the screen before may have been photographed, or another tab may have gone on.
    shownStep = null;
    tick();
    if (!document.hidden && now() - askedAtMs >= REFRESH_MS) void refresh().catch(broke);
  });
  addEventListener('resize', () => {
    shownStep = null;
  });
  addEventListener('online', () => void refresh().catch(broke));
  setInterval(() => {
    tick();
    if (!document.hidden && now() - askedAtMs >= REFRESH_MS) void refresh().catch(broke);
  }, TICK_MS);

  addEventListener('hashchange', () => void arrive().catch(broke));
  await arrive();

  /** Somebody opened the page, or the address of a code while it was open. */
  async function arrive(): Promise<void> {
    const code = takeLinkCode();
    const stored = await pass.stored();
    if (stored === undefined) return unlinked([], code);
    told = code === '' ? told : [{ word: 'linkedAlready' }];
    linked(stored);
    await refresh();
  }
}

/** What a refusal of headquarters says to the member. */
function refusalOf({ code, message, hint }: Refusal): Said[] {
  if (message === undefined) return [{ word: code === 'unreachable' ? 'unreachable' : 'wrong' }];
  return [{ text: message }, ...(hint === undefined ? [] : [{ text: hint }])];
}

function noticesOf(
  { facts, aheadMs }: StoredPass,
  language: Language,
  nowMs: number,
  heard: boolean,
): Said[] {
  const notices: Said[] = [];
  if (Math.abs(aheadMs) > CLOCK_TOLD_MS) {
    const seconds = Math.round(Math.abs(aheadMs) / 1_000);
    const n =
      seconds < 120
        ? sayWord('seconds', language, { n: seconds })
        : sayWord('minutes', language, { n: Math.round(seconds / 60) });
    notices.push({ word: aheadMs > 0 ? 'clockFast' : 'clockSlow', values: { n } });
  }
  if (!heard) notices.push({ word: 'offline' });
  const leftMs = Date.parse(facts.validUntil) - nowMs;
  if (leftMs > 0 && leftMs < (PASS_RENEW_DAYS / 2) * DAY_MS) {
    const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
    notices.push({ word: 'renewSoon', values: { day: day.format(new Date(facts.validUntil)) } });
  }
  return notices;
}
