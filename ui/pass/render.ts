import { element } from './element.ts';
import type { PassState } from './state.ts';
import { type PassActions, type Place, viewOf } from './view.ts';
import { sayWord } from './words.ts';

/** Shows states in a root, one after the other. */
export type Render = (state: PassState) => void;

/**
 * Shows the page. A place is touched only where it changes: what a member has typed, opened or is pointing a scanner at
 * stays, and a screen reader, for which the place of the notices is live, says what is new and nothing else.
 */
export function createRender(root: HTMLElement, actions: PassActions): Render {
  const places: Readonly<Record<Place, HTMLElement>> = {
    head: element('header'),
    first: element('div'),
    notices: element('div', { role: 'status' }),
    rest: element('div'),
    foot: element('footer'),
  };
  const main = element('main', { tabindex: '-1' }, places.first, places.notices, places.rest);
  root.replaceChildren(places.head, main, places.foot);
  const filled = new Map<Place, string>();
  let at: PassState['at'] = 'starting';
  /** Where somebody was who works with keys, and whose button is away for a moment. */
  let focus = '';

  function fill(place: Place, children: readonly HTMLElement[]): void {
    const text = children.map(({ outerHTML }) => outerHTML).join('');
    if (filled.get(place) === text) return;
    filled.set(place, text);
    // A code that somebody holds under a scanner stays as it is.
    const before = places[place].querySelector<HTMLCanvasElement>('#qr');
    places[place].replaceChildren(...children);
    const canvas = places[place].querySelector<HTMLCanvasElement>('#qr');
    if (before === null || canvas === null) return;
    before.setAttribute('aria-label', canvas.getAttribute('aria-label') ?? '');
    canvas.replaceWith(before);
  }

  return (state) => {
    const isOther = at !== state.at && at !== 'starting';
    at = state.at;
    if (root.contains(document.activeElement)) focus = document.activeElement?.id ?? '';
    document.documentElement.lang = state.language;
    document.title = sayWord('title', state.language);
    for (const [place, children] of Object.entries(viewOf(state, actions)))
      fill(place as Place, children);
    if (isOther) {
      focus = '';
      scrollTo(0, 0);
      main.focus({ preventScroll: true });
    } else if (focus !== '' && !root.contains(document.activeElement))
      root.querySelector<HTMLElement>(`#${focus}`)?.focus();
  };
}
