import { CREDENTIAL_STEP_SECONDS } from '../../agent/contract/credential.ts';
import type { Language } from '../../agent/contract/text.ts';
import { drawing, element } from './element.ts';
import { nameOf } from './names.ts';
import type { PassState, Said } from './state.ts';
import { sayWord, type Word } from './words.ts';

/** What people do on the page. */
export interface PassActions {
  link(typed: string): void;
  toggleLanguage(): void;
  askRemove(): void;
  keep(): void;
  remove(): void;
  /** Loads the page again. */
  again(): void;
}

/** The page in its places, each of which is filled anew only where it changes. */
export type Places = Readonly<Record<Place, readonly HTMLElement[]>>;
export type Place = 'head' | 'first' | 'notices' | 'rest' | 'foot';

type Linked = Extract<PassState, { at: 'linked' }>;
type Unlinked = Extract<PassState, { at: 'unlinked' }>;

/** Radius of the ring in the units of its drawing. */
const RADIUS = 46;
const ROUND = 2 * Math.PI * RADIUS;

/** The whole page of a state. The code and the ring are put in by the caller, every time that they change. */
export function viewOf(state: PassState, actions: PassActions): Places {
  const { language } = state;
  const say = (word: Word, values?: Readonly<Record<string, string | number>>): string =>
    sayWord(word, language, values);
  const head = [
    element('h1', {}, say('title')),
    element(
      'button',
      { id: 'language', type: 'button', class: 'quiet', click: actions.toggleLanguage },
      say('switchLanguage'),
    ),
  ];
  const foot = [
    element(
      'details',
      // Who is about to link reads it before the button, not behind it.
      { open: state.at === 'unlinked' },
      element('summary', {}, say('privacy')),
      element('p', {}, say('privacyText')),
    ),
  ];
  return { head, ...body(state, say, actions), foot };
}

type Say = (word: Word, values?: Readonly<Record<string, string | number>>) => string;

type Body = Pick<Places, 'first' | 'notices' | 'rest'>;

function body(state: PassState, say: Say, actions: PassActions): Body {
  switch (state.at) {
    case 'starting':
      return { first: [element('p', {}, say('starting'))], notices: [], rest: [] };
    case 'broken':
      return {
        first: [element('p', { role: 'alert', class: 'notice' }, say(state.why))],
        notices: [],
        rest: [
          element('button', { id: 'again', type: 'button', click: actions.again }, say('again')),
        ],
      };
    case 'unlinked':
      return unlinked(state, say, actions);
    case 'linked':
      return linked(state, say, actions);
  }
}

function unlinked(state: Unlinked, say: Say, { link }: PassActions): Body {
  const input = element('input', {
    id: 'code',
    name: 'code',
    value: state.code,
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    maxlength: '20',
    'aria-describedby': 'how',
  });
  const form = element(
    'form',
    {
      novalidate: true,
      submit: (event) => {
        event.preventDefault();
        link(input.value);
      },
    },
    element('label', { for: 'code' }, say('code')),
    input,
    element(
      'button',
      { id: 'link', type: 'submit', disabled: state.busy },
      say(state.busy ? 'linking' : 'link'),
    ),
  );
  return {
    first: [
      element('h2', {}, say('linkTitle')),
      element('p', { id: 'how' }, say('linkHow')),
      ...(state.forgets ? [element('p', { class: 'small' }, say('homeScreen'))] : []),
    ],
    notices: noticesOf(state.notices, state.language),
    rest: [form],
  };
}

function linked(state: Linked, say: Say, actions: PassActions): Body {
  const { facts, language, good, ended } = state;
  return {
    // Where the clock alone is wrong, the notice about it says all.
    first: good ? code(say) : ended ? [element('p', { class: 'notice' }, say('expired'))] : [],
    notices: noticesOf(state.notices, language),
    rest: [
      factsOf(facts, language, say),
      ...(good
        ? [
            element('p', { class: 'small' }, say('bright')),
            element('p', { class: 'small' }, say('noPicture')),
          ]
        : []),
      removal(state, say, actions),
    ],
  };
}

function code(say: Say): HTMLElement[] {
  return [
    element('p', { class: 'show' }, say('show')),
    element(
      'div',
      { class: 'code' },
      element('canvas', { id: 'qr', role: 'img', 'aria-label': say('qrLabel') }),
    ),
    element(
      'p',
      { class: 'left' },
      ring(),
      element('span', { id: 'seconds', 'aria-hidden': 'true' }),
    ),
  ];
}

function factsOf(facts: Linked['facts'], language: Language, say: Say): HTMLElement {
  const medium = { dateStyle: 'medium' } as const;
  const instant = new Intl.DateTimeFormat(language, medium);
  const moment = new Intl.DateTimeFormat(language, { ...medium, timeStyle: 'short' });
  // A right ends with a day of the chain's calendar, which is the same day wherever the phone is.
  const day = new Intl.DateTimeFormat(language, { ...medium, timeZone: 'UTC' });
  const benefits = facts.benefits.map(({ kind, validUntil }) =>
    validUntil === undefined
      ? nameOf(kind, language)
      : say('until', { what: nameOf(kind, language), day: day.format(new Date(validUntil)) }),
  );
  const listed =
    benefits.length === 0 ? say('noBenefits') : benefits.join(language === 'en' ? ', ' : '、');
  const asOf = say('asOf', { time: moment.format(new Date(facts.asOf)) });
  const until = say('validUntil', { day: instant.format(new Date(facts.validUntil)) });
  return element(
    'section',
    { class: 'facts', 'aria-label': facts.maskedName },
    element('h2', {}, facts.maskedName),
    element(
      'dl',
      {},
      element('dt', {}, say('tier')),
      element('dd', {}, nameOf(facts.tier, language)),
      element('dt', {}, say('points')),
      element('dd', {}, new Intl.NumberFormat(language).format(facts.points)),
      element('dt', {}, say('benefits')),
      element('dd', {}, listed),
    ),
    element('p', { class: 'small' }, `${asOf} · ${until}`),
  );
}

function removal({ removal }: Linked, say: Say, actions: PassActions): HTMLElement {
  if (removal === 'none')
    return element(
      'button',
      { id: 'remove', type: 'button', class: 'quiet', click: actions.askRemove },
      say('remove'),
    );
  const isRunning = removal === 'running';
  return element(
    'div',
    {
      class: 'ask',
      role: 'alertdialog',
      'aria-label': say('remove'),
      'aria-describedby': 'ask',
      keydown: (event) => {
        if ((event as KeyboardEvent).key === 'Escape' && !isRunning) actions.keep();
      },
    },
    element('p', { id: 'ask' }, say('removeAsk')),
    element(
      'button',
      { type: 'button', id: 'keep', disabled: isRunning, click: actions.keep },
      say('removeNo'),
    ),
    element(
      'button',
      { type: 'button', class: 'bad', disabled: isRunning, click: actions.remove },
      say(isRunning ? 'removing' : 'removeYes'),
    ),
  );
}

function ring(): SVGElement {
  const circle = { cx: '50', cy: '50', r: String(RADIUS), fill: 'none', 'stroke-width': '8' };
  return drawing(
    'svg',
    { viewBox: '0 0 100 100', class: 'ring', 'aria-hidden': 'true' },
    drawing('circle', { ...circle, class: 'track' }),
    drawing('circle', { ...circle, id: 'ring', 'stroke-dasharray': String(ROUND) }),
  );
}

/** Shows how much of the running step is left. @param intoMs milliseconds since it began */
export function showLeft(page: ParentNode, intoMs: number, language: Language): void {
  const wholeMs = CREDENTIAL_STEP_SECONDS * 1_000;
  const left = Math.max(0, wholeMs - intoMs) / wholeMs;
  page.querySelector('#ring')?.setAttribute('stroke-dashoffset', String(ROUND * (1 - left)));
  const seconds = page.querySelector('#seconds');
  const n = Math.ceil(left * CREDENTIAL_STEP_SECONDS);
  const text = sayWord('secondsLeft', language, { n });
  if (seconds !== null && seconds.textContent !== text) seconds.textContent = text;
}

function noticesOf(notices: readonly Said[], language: Language): HTMLElement[] {
  return notices.map((said) =>
    element(
      'p',
      { class: 'notice' },
      'text' in said ? said.text[language] : sayWord(said.word, language, said.values),
    ),
  );
}
