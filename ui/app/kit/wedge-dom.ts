import { createWedge, type WedgeAnswer, type WedgeKey, type WedgeOptions } from './wedge.ts';

/** Keys that wait in a busy page are handled before a burst is called ended. */
const EXPIRE_SLACK_MS = 50;

type TextField = HTMLInputElement | HTMLTextAreaElement;
type Remembered = {
  readonly field: TextField;
  readonly value: string;
  readonly start: number | null;
  readonly end: number | null;
};

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

const keyOf = (event: KeyboardEvent): WedgeKey => ({
  code: event.code,
  key: event.key,
  shiftKey: event.shiftKey,
  ctrlKey: event.ctrlKey,
  altKey: event.altKey,
  altGraph: event.getModifierState('AltGraph'),
  metaKey: event.metaKey,
  repeat: event.repeat,
  timeMs: event.timeStamp,
});

/**
 * Listens for a keyboard-wedge scanner on a whole window, before any field or shortcut.
 * Gives the function that stops listening. Fields that are not inputs or text areas are
 * shielded from the fourth key on only.
 */
export const attachWedge = (view: Window, options: Omit<WedgeOptions, 'nowMs'>): (() => void) => {
  const wedge = createWedge({ ...options, nowMs: () => view.performance.now() });
  let remembered: Remembered | null = null;
  let composing = false;
  let timer: number | undefined;

  const remember = (): void => {
    const field = focusedField(view.document);
    remembered =
      field === null
        ? null
        : { field, value: field.value, start: field.selectionStart, end: field.selectionEnd };
  };

  const select = (field: TextField, start: number | null, end: number | null): void => {
    // Fields such as `number` have no selection and throw on setting one.
    if (start !== null && end !== null) field.setSelectionRange(start, end);
  };

  const restore = (): void => {
    if (remembered === null) return;
    const { field, value, start, end } = remembered;
    // A Chinese input method holds the first letters in its composition; only losing the focus ends that.
    if (composing) field.blur();
    setValue(field, value);
    if (composing) field.focus();
    select(field, start, end);
  };

  const giveBack = (text: string): void => {
    if (remembered === null || text === '') return;
    const { field, value, start, end } = remembered;
    const from = start ?? value.length;
    setValue(field, value.slice(0, from) + text + value.slice(end ?? from));
    select(
      field,
      start === null ? null : from + text.length,
      start === null ? null : from + text.length,
    );
  };

  const apply = (answer: WedgeAnswer): void => {
    if (answer.giveBack !== undefined) giveBack(answer.giveBack);
    if (answer.field === 'remember') remember();
    if (answer.field === 'restore') restore();
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

  const onKeydown = (event: KeyboardEvent): void => {
    const answer = wedge.keydown(keyOf(event));
    if (answer.preventDefault) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    apply(answer);
    watch();
  };
  const onBlur = (): void => apply(wedge.abandon());
  const onCompositionStart = (): void => {
    composing = true;
  };
  const onCompositionEnd = (): void => {
    composing = false;
  };

  view.addEventListener('keydown', onKeydown, { capture: true });
  view.addEventListener('blur', onBlur);
  view.addEventListener('compositionstart', onCompositionStart, { capture: true });
  view.addEventListener('compositionend', onCompositionEnd, { capture: true });
  return () => {
    view.clearTimeout(timer);
    view.removeEventListener('keydown', onKeydown, { capture: true });
    view.removeEventListener('blur', onBlur);
    view.removeEventListener('compositionstart', onCompositionStart, { capture: true });
    view.removeEventListener('compositionend', onCompositionEnd, { capture: true });
  };
};
