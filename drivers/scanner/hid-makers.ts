import type { LocalText } from '../contract/text.ts';
import { plainLayout, type ReportLayout } from './hid-layout.ts';

/** How a maker's manual calls the code that puts a scanner into the mode `USB HID POS`, and where it is. */
export type SetupCode = { readonly code: string; readonly chapter: string };

/** What is known of a maker's scanners; nothing is sent to a scanner of any other. */
export type HidMaker = {
  readonly name: string;
  readonly setupCode: SetupCode;
  /** Wants this feature report before it sends codes as HID POS. */
  readonly featureReport?: readonly number[];
  /** Where its scanners lay out a report otherwise than most, and the system cannot tell. */
  readonly layout?: ReportLayout;
  /**
   * Whether the trigger report of the usage tables does what they say. Others use its number, 4,
   * as a channel for set-up commands.
   */
  readonly trigger: boolean;
  /** Families by the maker's own code id, for codes that AIM has no letter for. */
  readonly codeIds?: Readonly<Record<string, string>>;
};

const honeywell: HidMaker = {
  name: 'Honeywell',
  setupCode: { code: 'USB HID', chapter: 'Programming the Interface' },
  trigger: true,
  // Appendix "Symbology Charts" of its user's guides: the rows whose AIM identifier is ]X0.
  codeIds: {
    '<': 'code-32',
    '=': 'trioptic-code-39',
    '?': 'korea-post',
    A: 'australian-post',
    B: 'british-post',
    C: 'canadian-post',
    H: 'han-xin',
    J: 'japanese-post',
    K: 'kix-code',
    L: 'planet-code',
    M: 'intelligent-mail',
    P: 'postnet',
    Q: 'china-post',
    Y: 'nec-2-of-5',
    m: 'matrix-2-of-5',
  },
};

/** Output of a scanner of this maker goes to HID POS from then on. */
const routeToHidPos = [254, 1] as const;

/** Makers by USB vendor id, four lower-case hex digits. */
const makers: Readonly<Record<string, HidMaker>> = {
  '0536': honeywell,
  '0c2e': { ...honeywell, featureReport: routeToHidPos },
  '23d0': { ...honeywell, featureReport: routeToHidPos },
  '05e0': {
    name: 'Zebra',
    setupCode: { code: 'USB HID POS', chapter: 'USB Interface' },
    trigger: false,
  },
  '05f9': {
    name: 'Datalogic',
    setupCode: { code: 'USB-HID-POS', chapter: 'USB Interface' },
    trigger: false,
  },
  '1eab': {
    name: 'Newland',
    setupCode: { code: 'HID-POS', chapter: 'USB Interface' },
    layout: plainLayout,
    trigger: false,
  },
};

/** The maker that a USB vendor id belongs to, where something is known of its scanners. */
export const makerOf = (vid: string): HidMaker | undefined =>
  Object.hasOwn(makers, vid) ? makers[vid] : undefined;

/** The family that a maker's code id (a character's code) names, or undefined. */
export const makerSymbologyOf = (
  maker: HidMaker | undefined,
  makerCode: number,
): string | undefined => {
  const id = String.fromCharCode(makerCode);
  return maker?.codeIds !== undefined && Object.hasOwn(maker.codeIds, id)
    ? maker.codeIds[id]
    : undefined;
};

/** What to scan to get a scanner into the mode that this program reads. */
export const setupText = ({ name, setupCode: { code, chapter } }: HidMaker): LocalText => ({
  'zh-CN': `请用扫码枪扫描 ${name} 手册“${chapter}”一章中的“${code}”设置码。`,
  en: `Scan the set-up code “${code}” in the chapter “${chapter}” of the ${name} manual.`,
});
