/** Features of a drawn finger: enough that two names are never alike. */
const FEATURES = 32;
/** Most that one capture differs from the finger in a feature, of 256. */
const CAPTURE_NOISE = 8;
const HEAD = [0x54, 0x53, 0x46] as const;
const FIRST_FEATURE = 8;
/** Score of two equal templates, and what a mean difference of one feature step takes from it. */
const BEST_SCORE = 200;
const SCORE_PER_STEP = 6;

/** 32-bit FNV-1a, whose published constants these are. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text))
    hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  return hash;
};

const featuresOf = (finger: string): readonly number[] =>
  Array.from({ length: FEATURES }, (_, at) => hashOf(`${at}/${finger}/${at}`) >>> 24);

const write = (features: readonly number[], sizeBytes: number): Uint8Array => {
  const template = new Uint8Array(sizeBytes);
  template.set(HEAD);
  template[3] = sizeBytes >> 8;
  template[4] = sizeBytes & 0xff;
  template.set(features, FIRST_FEATURE);
  // As in a real template, what follows is not empty.
  for (let at = FIRST_FEATURE + FEATURES; at < sizeBytes; at += 1)
    template[at] = (features[at % FEATURES] as number) ^ (at & 0xff);
  return template;
};

/** Undefined where the bytes are no template of this size, or only half of one. */
const read = (template: Uint8Array): readonly number[] | undefined => {
  const [a, b, c, high = 0, low = 0] = template;
  const isOurs = a === HEAD[0] && b === HEAD[1] && c === HEAD[2];
  if (!isOurs || ((high << 8) | low) !== template.length) return undefined;
  const features = [...template.subarray(FIRST_FEATURE, FIRST_FEATURE + FEATURES)];
  return template.subarray(FIRST_FEATURE + FEATURES).every((byte, at) => {
    const place = at + FIRST_FEATURE + FEATURES;
    return byte === (((features[place % FEATURES] as number) ^ (place & 0xff)) & 0xff);
  })
    ? features
    : undefined;
};

/** One capture of a finger as a template of a family's size. @param random uniform in [0, 1) */
export const drawTemplate = (finger: string, sizeBytes: number, random: () => number): Uint8Array =>
  write(
    featuresOf(finger).map((feature) => {
      const noise = Math.round((random() * 2 - 1) * CAPTURE_NOISE);
      return Math.min(255, Math.max(0, feature + noise));
    }),
    sizeBytes,
  );

/** The mean of captures; undefined where one is no template or they are not of one finger. */
export const mergeTemplates = (templates: readonly Uint8Array[]): Uint8Array | undefined => {
  const [first] = templates;
  if (first === undefined) return undefined;
  const all = templates.map(read);
  if (all.includes(undefined)) return undefined;
  const features = all as readonly (readonly number[])[];
  if (templates.some((one) => scoreOf(first, one) === 0)) return undefined;
  return write(
    Array.from({ length: FEATURES }, (_, at) =>
      Math.round(features.reduce((sum, one) => sum + (one[at] as number), 0) / features.length),
    ),
    first.length,
  );
};

/** How alike two templates are, 0 to 200; 0 where one is none. */
export const scoreOf = (one: Uint8Array, other: Uint8Array): number => {
  const [a, b] = [read(one), read(other)];
  if (a === undefined || b === undefined) return 0;
  const steps = a.reduce((sum, feature, at) => sum + Math.abs(feature - (b[at] as number)), 0);
  return Math.max(0, Math.round(BEST_SCORE - (steps / FEATURES) * SCORE_PER_STEP));
};

/** Whether bytes are a whole template. */
export const isTemplate = (bytes: Uint8Array): boolean => read(bytes) !== undefined;
