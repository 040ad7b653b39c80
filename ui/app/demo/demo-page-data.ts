import type { Text } from '../../../agent/contract/index.ts';

/** What a till in demo mode adds for people who try it, at `/demo.json`: codes to scan and how to sign in. */
export interface DemoPage {
  /** What to try; tills of an older version tell nothing. */
  readonly steps?: readonly Text[];
  readonly codes: readonly { readonly label: Text; readonly text: string }[];
  readonly staff: readonly {
    readonly staffId: string;
    readonly pin: string;
    readonly role: string;
  }[];
}

/** Where a till in demo mode serves {@link DemoPage}. */
export const DEMO_PAGE_PATH = '/demo.json';

/** Reads the demo's codes; a till that is no demo has none, and that is no error. */
export async function fetchDemoPage(): Promise<DemoPage | null> {
  try {
    const answer = await fetch(DEMO_PAGE_PATH, { headers: { accept: 'application/json' } });
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return answer.ok && isJson ? ((await answer.json()) as DemoPage) : null;
  } catch {
    // Not reachable means no panel with examples; the connection's own banner says the rest.
    return null;
  }
}
