import { useEffect, useState } from 'react';

/** A dialog or drawer of the cashier's page, and what it was opened for. */
interface Opened<Name extends string> {
  readonly name: Name;
  readonly subject: string;
}

/** The one dialog or drawer that is open. */
export interface LayerControl<Name extends string> {
  readonly layer: Name | null;
  /** Opens it, where there is something to open it for. */
  open(name: Name): void;
  close(): void;
}

/**
 * Which dialog is open. It closes by itself when what it was opened for is gone or is another: a manager signs for one
 * member, and a wallet is one member's.
 * @param subjects what each would be opened for at this moment; `undefined` = for nothing
 */
export function useLayer<Name extends string>(
  subjects: Readonly<Record<Name, string | undefined>>,
): LayerControl<Name> {
  const [opened, setOpened] = useState<Opened<Name> | null>(null);
  const isGone = opened !== null && subjects[opened.name] !== opened.subject;
  useEffect(() => {
    if (isGone) setOpened(null);
  }, [isGone]);
  return {
    layer: opened === null || isGone ? null : opened.name,
    open(name) {
      const subject = subjects[name];
      if (subject !== undefined) setOpened({ name, subject });
    },
    close: () => setOpened(null),
  };
}
