import type { Language, Text } from '../../agent/contract/text.ts';
import type { PassReply } from '../../sync/protocol/pass.ts';
import type { Word } from './words.ts';

/** A sentence to show: one of ours, or headquarters' own in both languages. */
export type Said =
  | { readonly word: Word; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly text: Text };

/** Why the page can do nothing. */
export type BrokenWhy = Extract<Word, 'insecure' | 'noStorage' | 'storageFull' | 'wrong'>;

/** What the page shows. */
export type PassState = { readonly language: Language } & (
  | { readonly at: 'starting' }
  | { readonly at: 'broken'; readonly why: BrokenWhy }
  | {
      readonly at: 'unlinked';
      /** Typed or taken from the address. */
      readonly code: string;
      readonly busy: boolean;
      /** The browser forgets pages that are not on the home screen. */
      readonly forgets: boolean;
      readonly notices: readonly Said[];
    }
  | {
      readonly at: 'linked';
      readonly facts: PassReply;
      /** False where the certificate has ended by this phone's clock: nothing is shown to tills. */
      readonly good: boolean;
      /** It has ended by headquarters' clock, too, as far as this phone knows it. */
      readonly ended: boolean;
      /** Whether the member is asked to confirm the removal, or has confirmed it. */
      readonly removal: 'none' | 'asked' | 'running';
      readonly notices: readonly Said[];
    }
);
