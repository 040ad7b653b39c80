const PAIR = 'pair';

/**
 * The pairing code of the page's address (`#pair=123456`), taken out of the address and of the history, because it
 * works once. Other parts of the fragment stay.
 */
export function takePairingCode(): string | undefined {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get(PAIR);
  if (code === null || !/^\d{6}$/.test(code)) return undefined;
  fragment.delete(PAIR);
  const hash = fragment.size === 0 ? '' : `#${fragment.toString()}`;
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  return code;
}
