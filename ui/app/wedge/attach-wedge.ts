import type { Burst, WedgeAnswer } from './burst.ts';
import type { WedgeKey } from './key-press.ts';

/**
 * Keys on their way through a busy machine are handled before a burst is called ended. The keys themselves say when
 * they went down, so that waiting longer takes no late key for a scanner's.
 */
const EXPIRE_SLACK_MS = 300;

type TextField = HTMLInputElement | HTMLTextAreaElement;
interface Remembered {
  readonly field: TextField;
  readonly value: string;
  readonly start: number | null;
  readonly end: number | null;
}

const focusedField = (document: Document): TextField | null => {
  const focused = document.activeElement;
  return focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement
    ? focused
    : null;
};

/** Sets the value past the framework's own setter and tells it, so that a controlled field follows. */
const setValue = (field: TextField, value: string): void => {
  const prototype =
    field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
};

const select = (field: TextField, start: number | null, end: number | null): void => {
  // Fields such as `number` have no selection and throw on setting one.
  if (start !== null && end !== null) field.setSelectionRange(start, end);
};

const keyOf = (event: KeyboardEvent): WedgeKey => ({
  code: event.code,
  key: event.key,
  shiftKey: event.shiftKey,
  ctrlKey: event.ctrlKey,
  altKey: event.altKey,
  altGraph: event.getModifierState('AltGraph'),
  capsLock: event.getModifierState('CapsLock'),
  metaKey: event.metaKey,
  repeat: event.repeat,
  composing: event.isComposing || event.key === 'Process',
  timeMs: event.timeStamp,
});

/** Chromium reports a field that it fills in by key events that are none. */
const isKey = (event: Event): event is KeyboardEvent => 'getModifierState' in event;

/**
 * Puts a scanner's reader before a whole window: before any field or shortcut of it. Gives the function that stops
 * that. Fields that are not inputs or text areas are shielded from the fourth key on only.
 * @param createReader makes the reader, by the clock of the window's events
 */
export const attachWedge = (
  view: Window,
  createReader: (nowMs: () => number) => Burst,
): (() => void) => {
  const wedge = createReader(() => view.performance.now());
  let remembered: Remembered | null = null;
  let composing = false;
  /** A field that lost the focus so that its input method takes no more of a burst. */
  let parked: TextField | null = null;
  let swallowsText = false;
  let timer: number | undefined;

  const remember = (): void => {
    const field = focusedField(view.document);
    remembered =
      field === null
        ? null
        : { field, value: field.value, start: field.selectionStart, end: field.selectionEnd };
  };

  const restore = (): void => {
    if (remembered === null) return;
    const { field, value, start, end } = remembered;
    if (composing) {
      // A Chinese input method holds the first letters in its composition; only losing the focus ends that.
      parked = field;
      field.blur();
    }
    setValue(field, value);
    if (parked === null) select(field, start, end);
  };

  const giveBack = (text: string): void => {
    if (remembered === null || text === '') return;
    const { field, value, start, end } = remembered;
    const from = start ?? value.length;
    setValue(field, value.slice(0, from) + text + value.slice(end ?? from));
    const caret = start === null ? null : from + text.length;
    select(field, caret, caret);
  };

  const unpark = (): void => {
    if (parked === null || wedge.deadlineMs() !== null) return;
    parked.focus();
    if (remembered?.field === parked) select(parked, remembered.start, remembered.end);
    parked = null;
  };

  const apply = (answer: WedgeAnswer): void => {
    if (answer.giveBack !== undefined) giveBack(answer.giveBack);
    if (answer.field === 'remember') remember();
    if (answer.field === 'restore') restore();
    unpark();
  };

  const watch = (): void => {
    view.clearTimeout(timer);
    const deadlineMs = wedge.deadlineMs();
    if (deadlineMs === null) return;
    timer = view.setTimeout(
      () => {
        apply(wedge.expire());
        watch();
      },
      Math.max(0, deadlineMs - view.performance.now()) + EXPIRE_SLACK_MS,
    );
  };

  const handle = (event: Event, answer: WedgeAnswer): void => {
    swallowsText = answer.preventDefault;
    if (answer.preventDefault) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    apply(answer);
    watch();
  };

  const listeners: Partial<{
    [Name in keyof WindowEventMap]: (event: WindowEventMap[Name]) => void;
  }> = {
    keydown: (event) => {
      if (isKey(event)) handle(event, wedge.keydown(keyOf(event)));
    },
    keyup: (event) => {
      if (!isKey(event)) return;
      if (event.code !== 'AltLeft' && event.code !== 'AltRight') return;
      handle(event, wedge.keyup({ code: event.code, timeMs: event.timeStamp }));
    },
    // The character of an Alt code comes behind the end of its last key.
    keypress: (event) => {
      if (swallowsText) event.preventDefault();
    },
    blur: (event) => {
      if (event.target === view) apply(wedge.abandon());
    },
    // Whoever reaches for a button has typed before: it acts on their text, not on a field still emptied for a burst.
    pointerdown: () => {
      apply(wedge.expire());
      watch();
    },
    compositionstart: () => {
      composing = true;
    },
    compositionend: () => {
      composing = false;
    },
  };
  const registered = Object.entries(listeners) as [string, EventListener][];
  for (const [name, listener] of registered)
    view.addEventListener(name, listener, { capture: true });
  return () => {
    view.clearTimeout(timer);
    for (const [name, listener] of registered)
      view.removeEventListener(name, listener, { capture: true });
  };
};
