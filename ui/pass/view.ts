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
}

type Linked = Extract<PassState, { at: 'linked' }>;
type Unlinked = Extract<PassState, { at: 'unlinked' }>;

/** Radius of the ring in the units of its drawing. */
const RADIUS = 46;
const ROUND = 2 * Math.PI * RADIUS;

/** The whole page of a state. The code and the ring are put in by the caller, every time that they change. */
export function viewOf(state: PassState, actions: PassActions): HTMLElement[] {
  const { language } = state;
  const say = (word: Word, values?: Readonly<Record<string, string | number>>): string =>
    sayWord(word, language, values);
  const head = element(
    'header',
    {},
    element('h1', {}, say('title')),
    element(
      'button',
      { type: 'button', class: 'quiet', click: actions.toggleLanguage },
      say('switchLanguage'),
    ),
  );
  // Who is about to link reads it before the button, not behind it.
  const isRead = state.at === 'unlinked';
  const foot = element(
    'footer',
    {},
    element(
      'details',
      { open: isRead },
      element('summary', {}, say('privacy')),
      element('p', {}, say('privacyText')),
    ),
  );
  return [head, element('main', {}, ...body(state, say, actions)), foot];
}

type Say = (word: Word, values?: Readonly<Record<string, string | number>>) => string;

function body(state: PassState, say: Say, actions: PassActions): HTMLElement[] {
  switch (state.at) {
    case 'starting':
      return [element('p', { role: 'status' }, say('starting'))];
    case 'broken':
      return [element('p', { role: 'alert', class: 'notice' }, say(state.why))];
    case 'unlinked':
      return unlinked(state, say, actions);
    case 'linked':
      return linked(state, say, actions);
  }
}

function unlinked(state: Unlinked, say: Say, { link }: PassActions): HTMLElement[] {
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
      { type: 'submit', disabled: state.busy },
      say(state.busy ? 'linking' : 'link'),
    ),
  );
  return [
    element('h2', {}, say('linkTitle')),
    element('p', { id: 'how' }, say('linkHow')),
    ...noticesOf(state.notices, state.language),
    form,
  ];
}

function linked(state: Linked, say: Say, actions: PassActions): HTMLElement[] {
  const { facts, language, good } = state;
  const day = (text: string): string =>
    new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(text));
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const benefits = facts.benefits.map(({ kind, validUntil }) =>
    validUntil === undefined
      ? nameOf(kind, language)
      : say('until', { what: nameOf(kind, language), day: day(validUntil) }),
  );
  const listed =
    benefits.length === 0 ? say('noBenefits') : benefits.join(language === 'en' ? ', ' : '、');
  return [
    ...(good
      ? [
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
        ]
      : [element('p', { role: 'alert', class: 'notice' }, say('expired'))]),
    ...noticesOf(state.notices, language),
    element(
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
      element(
        'p',
        { class: 'small' },
        `${say('asOf', { time: moment.format(new Date(facts.asOf)) })} · ${say('validUntil', { day: day(facts.validUntil) })}`,
      ),
    ),
    ...(good
      ? [
          element('p', { class: 'small' }, say('bright')),
          element('p', { class: 'small' }, say('noPicture')),
        ]
      : []),
    state.asking
      ? element(
          'div',
          {
            class: 'ask',
            role: 'alertdialog',
            'aria-label': say('remove'),
            'aria-describedby': 'ask',
          },
          element('p', { id: 'ask' }, say('removeAsk')),
          element('button', { type: 'button', id: 'keep', click: actions.keep }, say('removeNo')),
          element(
            'button',
            { type: 'button', class: 'bad', click: actions.remove },
            say('removeYes'),
          ),
        )
      : element(
          'button',
          { type: 'button', class: 'quiet', click: actions.askRemove },
          say('remove'),
        ),
  ];
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
      { role: 'status', class: 'notice' },
      'text' in said ? said.text[language] : sayWord(said.word, language, said.values),
    ),
  );
}
