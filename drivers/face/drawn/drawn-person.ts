/** A colour: red, green, blue, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * A person who does not exist: shape and colours of a drawn head. Lengths are shares of half the height of the head,
 * counted from its middle, downwards and towards its left.
 */
export interface DrawnPerson {
  readonly skin: Colour;
  readonly hair: Colour;
  readonly iris: Colour;
  readonly lips: Colour;
  readonly shirt: Colour;
  /** Half the width at the cheekbones, and shares of it at the jaw. */
  readonly width: number;
  readonly jaw: number;
  readonly chin: number;
  readonly eyeApart: number;
  readonly eyeY: number;
  readonly eyeWidth: number;
  readonly eyeOpen: number;
  /** How far the outer corner lies above the inner one. */
  readonly eyeSlant: number;
  readonly browY: number;
  readonly browThick: number;
  readonly browSlant: number;
  readonly noseY: number;
  readonly noseWidth: number;
  readonly noseOut: number;
  readonly mouthY: number;
  readonly mouthWidth: number;
  readonly lipThick: number;
  readonly hairlineY: number;
  readonly hairLong: boolean;
  readonly beard: number;
  /** Rims of glasses; 0 = none. */
  readonly glasses: number;
  /** How fat the cheeks are. */
  readonly cheeks: number;
}

const SKINS: readonly Colour[] = [
  [232, 190, 160],
  [214, 168, 134],
  [240, 204, 178],
  [196, 146, 110],
  [170, 120, 88],
  [128, 84, 60],
  [98, 64, 46],
];
const HAIRS: readonly Colour[] = [
  [28, 22, 20],
  [52, 36, 26],
  [92, 62, 38],
  [120, 112, 106],
];
const IRISES: readonly Colour[] = [
  [52, 34, 22],
  [84, 58, 32],
  [70, 92, 92],
];
const SHIRTS: readonly Colour[] = [
  [44, 74, 110],
  [120, 52, 56],
  [62, 98, 78],
  [90, 90, 100],
];

/**
 * The person of a number: the same number is the same person, for ever.
 * @param seed a whole number from 1
 */
export function drawnPerson(seed: number): DrawnPerson {
  const next = randomOf(seed);
  const between = (low: number, high: number): number => low + (high - low) * next();
  const oneOf = <T>(all: readonly [T, ...T[]] | readonly T[]): T =>
    all[Math.floor(next() * all.length)] as T;
  const hairLong = next() < 0.5;
  return {
    skin: oneOf(SKINS),
    hair: oneOf(HAIRS),
    iris: oneOf(IRISES),
    lips: [between(160, 196), between(84, 112), between(84, 104)],
    shirt: oneOf(SHIRTS),
    width: between(0.62, 0.88),
    jaw: between(0.55, 0.95),
    chin: between(0.86, 1.04),
    eyeApart: between(0.26, 0.36),
    eyeY: between(-0.08, 0.03),
    eyeWidth: between(0.12, 0.18),
    eyeOpen: between(0.1, 0.12),
    eyeSlant: between(-0.01, 0.03),
    browY: between(-0.25, -0.2),
    browThick: between(0.014, 0.06),
    browSlant: between(-0.05, 0.05),
    noseY: between(0.24, 0.4),
    noseWidth: between(0.1, 0.21),
    noseOut: between(0.16, 0.34),
    mouthY: between(0.5, 0.62),
    mouthWidth: between(0.17, 0.32),
    lipThick: between(0.025, 0.09),
    hairlineY: between(-0.82, -0.4),
    hairLong,
    beard: hairLong ? 0 : oneOf([0, 0, 0.35, 0.95]),
    glasses: oneOf([0, 0, 1]),
    cheeks: between(0, 0.12),
  };
}

/** Numbers from 0 up to 1 that look random: xorshift32 (Marsaglia, 2003), stirred so that neighbouring seeds differ. */
export function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  const step = (): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
  for (let stirred = 0; stirred < 8; stirred += 1) step();
  return step;
}
