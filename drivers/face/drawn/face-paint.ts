import { type Colour, type DrawnPerson, randomOf } from './drawn-person.ts';
import { AROUND_MAX, bump, TOP_Y, widthAt } from './head-shape.ts';

/** Texels of the painted skin: around the head, and from top to chin. */
export const PAINT_WIDTH = 640;
export const PAINT_HEIGHT = 560;

/** The colours of a head, three bytes a texel, and its darkness where light does not come. */
export type FacePaint = Uint8ClampedArray;

/**
 * Paints a head.
 * @param open how far the lids are open: 1 = as usual, 0 = shut
 * @param before the same head with other lids: only what lies around the eyes is painted anew
 */
export function paintFace(
  person: DrawnPerson,
  seed: number,
  open: number,
  before?: FacePaint,
): FacePaint {
  const paint = before?.slice() ?? new Uint8ClampedArray(PAINT_WIDTH * PAINT_HEIGHT * 3);
  const random = randomOf(seed + 7_919);
  const grain = Float32Array.from({ length: PAINT_WIDTH * PAINT_HEIGHT }, () => random() - 0.5);
  for (let row = 0; row < PAINT_HEIGHT; row += 1) {
    const y = TOP_Y + ((person.chin - TOP_Y) * (row + 0.5)) / PAINT_HEIGHT;
    const isAroundEyes = y > person.browY - 0.2 && y < person.eyeY + 0.3;
    if (before !== undefined && !isAroundEyes) continue;
    const wide = person.width * widthAt(person, y);
    for (let column = 0; column < PAINT_WIDTH; column += 1) {
      const around = AROUND_MAX * (((column + 0.5) / PAINT_WIDTH) * 2 - 1);
      const at = row * PAINT_WIDTH + column;
      const colour = colourAt(person, wide * Math.sin(around), y, around, open, grain[at] ?? 0);
      paint.set(colour, at * 3);
    }
  }
  return paint;
}

function colourAt(
  person: DrawnPerson,
  x: number,
  y: number,
  around: number,
  open: number,
  grain: number,
): Colour {
  const { skin, hair, lips } = person;
  const side = Math.abs(x);
  let colour = mix(skin, [255, 240, 230], 0.06 + grain * 0.06);
  // Cheeks and the tip of the nose are redder, the chin of some darker.
  const red =
    0.2 * bump(side - 0.36, y - 0.24, 0.2, 0.16) + 0.15 * bump(x, y - person.noseY, 0.12, 0.1);
  colour = mix(colour, [206, 104, 88], red);
  const shaved = bump(x, y - 0.72, 0.5, 0.28) * (y > person.mouthY - 0.12 ? 1 : 0.2);
  colour = mix(colour, hair, person.beard * Math.min(1, shaved * 1.4) * (0.7 + grain * 0.6));
  // Folds from the nose to the mouth, and the shadow below the nose and the lip.
  const fold = side - (person.noseWidth + 0.03 + (y - person.noseY) * 0.35);
  const isFold = y > person.noseY - 0.04 && y < person.mouthY ? 1 : 0;
  colour = mix(colour, DARK, 0.16 * isFold * Math.exp(-((fold / 0.02) ** 2)));
  colour = mix(colour, DARK, 0.2 * bump(x, y - person.noseY - 0.06, person.noseWidth, 0.03));
  colour = mix(
    colour,
    DARK,
    0.16 * bump(x, y - person.mouthY - person.lipThick - 0.06, 0.14, 0.03),
  );
  // Nostrils.
  colour = mix(
    colour,
    DARK,
    0.75 *
      soft(
        1 -
          ((side - person.noseWidth * 0.45) / 0.035) ** 2 -
          ((y - person.noseY - 0.025) / 0.018) ** 2,
      ),
  );
  colour = mouth(person, colour, lips, x, y);
  colour = brow(person, colour, x, y + BROW_RAISED * (1 - open), grain);
  colour = eye(person, colour, x, y, open);
  colour = rims(person, colour, x, y);
  return hairOver(person, colour, x, y, around, grain);
}

/** Brows go up a little where eyes are shut. */
const BROW_RAISED = 0.06;

const DARK: Colour = [62, 34, 28];

function mouth(person: DrawnPerson, under: Colour, lips: Colour, x: number, y: number): Colour {
  const { mouthY, mouthWidth, lipThick } = person;
  const along = x / mouthWidth;
  if (Math.abs(along) > 1.05) return under;
  const round = Math.sqrt(Math.max(0, 1 - along * along));
  const bow = 0.012 * Math.exp(-((x / 0.05) ** 2));
  const off = y - mouthY - 0.012 * along * along * -1;
  const upper = lipThick * 0.8 * round - bow;
  const lower = lipThick * 1.15 * round;
  const inLips = off < 0 ? soft((upper + off) / 0.012) : soft((lower - off) / 0.014);
  const shade =
    off < 0
      ? mix(lips, DARK, 0.22)
      : mix(lips, [255, 220, 214], 0.22 * bump(along, off - lower * 0.5, 0.5, 0.03));
  const line = Math.exp(-((off / 0.008) ** 2)) * Math.min(1, round * 2);
  return mix(mix(under, shade, inLips * 0.9), [70, 28, 30], line * 0.85);
}

function brow(person: DrawnPerson, under: Colour, x: number, y: number, grain: number): Colour {
  const { eyeApart, eyeWidth, browY, browThick, browSlant, hair } = person;
  const along = (Math.abs(x) - eyeApart) / (eyeWidth * 1.35);
  if (Math.abs(along) > 1.1) return under;
  const middle = browY + 0.035 * along * along - browSlant * along;
  const thick =
    browThick * (1 - 0.45 * Math.max(0, along)) * Math.sqrt(Math.max(0, 1.1 - along * along));
  const inBrow = soft((thick - Math.abs(y - middle)) / 0.012);
  return mix(under, hair, inBrow * (0.82 + grain * 0.5));
}

function eye(person: DrawnPerson, under: Colour, x: number, y: number, open: number): Colour {
  const { eyeApart, eyeY, eyeWidth, eyeOpen, eyeSlant, iris } = person;
  const outwards = (Math.abs(x) - eyeApart) / eyeWidth;
  if (Math.abs(outwards) > 1.5) return under;
  const shut = 1 - open;
  const dy = y - (eyeY - eyeSlant * outwards);
  const round = Math.max(0, 1 - outwards * outwards);
  const lower = eyeOpen * 0.8 * round ** 0.8;
  // Where the lashes lie when the eye is shut: thick and dark, which is what landmark models go by.
  const line = eyeOpen * (0.4 + 0.5 * round);
  const upper = -eyeOpen * 1.25 * round ** 0.6 * open + shut * line;
  // Lids and their crease are darker than the skin around.
  const lid = bump(outwards, dy + eyeOpen * 0.4, 1.1, eyeOpen * 2.4);
  let colour = mix(under, DARK, 0.22 * open * lid);
  const crease = dy - (-eyeOpen * 1.25 * round ** 0.6 - 0.03);
  const ends = soft((1.1 - Math.abs(outwards)) / 0.3);
  colour = mix(
    colour,
    DARK,
    0.35 * (open + 0.4 * shut) * Math.exp(-((crease / 0.009) ** 2)) * ends,
  );
  const inside =
    Math.min(soft((dy - upper) / 0.008), soft((lower * open + shut * line - dy) / 0.008)) *
    soft((1 - Math.abs(outwards)) / 0.1);
  colour = mix(colour, ball(), inside * open);
  const thick = 0.011 * open + 0.024 * shut;
  const lash = Math.exp(-(((dy - upper) / thick) ** 2)) * soft((1.06 - Math.abs(outwards)) / 0.1);
  colour = mix(colour, [24, 16, 14], (0.92 * open + shut) * lash);
  const rim = Math.exp(-(((dy - lower) / 0.008) ** 2)) * soft((1 - Math.abs(outwards)) / 0.2);
  return mix(colour, DARK, 0.45 * open * rim);

  function ball(): Colour {
    const fromPupil = Math.hypot(Math.abs(x) - eyeApart, dy + eyeOpen * 0.15);
    const size = eyeOpen * 1.08;
    const rimmed = mix(iris, [20, 14, 12], soft((fromPupil - size * 0.8) / (size * 0.2)));
    const white = mix([236, 230, 226], [190, 160, 156], Math.min(1, Math.abs(outwards) ** 3));
    let seen = mix(white, rimmed, soft((size - fromPupil) / 0.008));
    seen = mix(seen, [12, 10, 10], soft((size * 0.45 - fromPupil) / 0.006));
    const glint = Math.hypot(x - Math.sign(x) * eyeApart - 0.018, dy + eyeOpen * 0.45);
    seen = mix(seen, [255, 255, 255], soft((0.013 - glint) / 0.006));
    // In the shadow of the lid.
    return mix(seen, DARK, 0.4 * soft((upper + 0.022 - dy) / 0.02));
  }
}

function rims(
  { glasses, eyeApart, eyeY, eyeWidth }: DrawnPerson,
  under: Colour,
  x: number,
  y: number,
): Colour {
  if (glasses === 0) return under;
  const [wide, high] = [eyeWidth * 1.55, eyeWidth * 1.25];
  const far = Math.hypot((Math.abs(x) - eyeApart) / wide, (y - eyeY - 0.02) / high);
  const rim = Math.exp(-(((far - 1) / 0.09) ** 2));
  const bridge = Math.abs(x) < eyeApart - wide ? Math.exp(-(((y - eyeY + 0.02) / 0.018) ** 2)) : 0;
  return mix(under, [30, 26, 30], 0.92 * Math.max(rim, bridge));
}

function hairOver(
  person: DrawnPerson,
  under: Colour,
  x: number,
  y: number,
  around: number,
  grain: number,
): Colour {
  const { hairlineY, hair, hairLong, width } = person;
  const parted =
    hairlineY + 0.28 * (Math.abs(x) / width) ** 2.4 + 0.03 * Math.sin(x * 21) * Math.sin(x * 8);
  const above = soft((parted - y) / 0.05);
  const beside =
    soft((Math.abs(around) - 1.28) / 0.12) * (hairLong || y < 0.05 ? 1 : soft((0.14 - y) / 0.1));
  const strand = 0.5 + 0.5 * Math.sin(x * 60 + y * 11 + grain * 2);
  const tone = mix(hair, [150, 130, 116], 0.04 + 0.12 * strand * strand);
  return mix(under, tone, Math.max(above, beside));
}

/** 0 below 0, 1 above 1, smooth between. */
export function soft(value: number): number {
  const t = Math.min(1, Math.max(0, value));
  return t * t * (3 - 2 * t);
}

export function mix(from: Colour, to: Colour, share: number): Colour {
  const t = Math.min(1, Math.max(0, share));
  return [
    from[0] + (to[0] - from[0]) * t,
    from[1] + (to[1] - from[1]) * t,
    from[2] + (to[2] - from[2]) * t,
  ];
}
