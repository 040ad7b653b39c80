import type { DrawnPerson } from './drawn-person.ts';

/** The surface of a head by its angle around the neck (0 = straight ahead) and its height. */
export const AROUND_MAX = (115 * Math.PI) / 180;
export const TOP_Y = -1.08;
/** Depth of the skull against half its height. */
const DEPTH = 0.86;

/** A bump of height 1 at the origin. */
export function bump(x: number, y: number, wide: number, high: number): number {
  return Math.exp(-((x / wide) ** 2) - (y / high) ** 2);
}

/** How wide the head is at a height, against the cheekbones. */
export function widthAt({ jaw, chin }: DrawnPerson, y: number): number {
  if (y < 0) return Math.sqrt(Math.max(0, 1 - (y / TOP_Y) ** 2)) ** 0.8;
  const down = Math.min(1, y / chin);
  // From the cheekbones to the jaw, and round below it.
  const side = 1 - (1 - jaw) * down ** 1.6;
  return side * Math.sqrt(Math.max(0, 1 - down ** 5));
}

/** How far the face stands out towards the camera at a place of the drawn face, besides the round of the head. */
export function reliefAt(person: DrawnPerson, x: number, y: number): number {
  const { eyeApart, eyeY, noseY, noseWidth, noseOut, mouthY, mouthWidth, browY, chin } = person;
  const apart = Math.abs(x) - eyeApart;
  const bridge = Math.min(1, Math.max(0, (y - eyeY + 0.12) / (noseY - eyeY + 0.12)));
  const below = y > noseY ? Math.exp(-(((y - noseY) / 0.05) ** 2)) : 1;
  const ridge = Math.exp(-((x / (0.05 + 0.05 * bridge)) ** 2));
  return (
    noseOut * (0.15 + 0.85 * bridge ** 1.4) * ridge * below * (y > eyeY - 0.14 ? 1 : 0) +
    0.07 * bump(Math.abs(x) - noseWidth * 0.75, y - noseY + 0.01, 0.05, 0.05) +
    0.05 * bump(apart, y - browY, 0.16, 0.06) -
    0.09 * bump(apart, y - eyeY, 0.15, 0.1) +
    0.04 * bump(apart, y - eyeY, 0.1, 0.06) +
    0.05 * bump(x, y - mouthY, mouthWidth, 0.1) +
    0.05 * bump(x, y - chin * 0.88, 0.16, 0.1) +
    (0.02 + person.cheeks) * bump(Math.abs(x) - 0.36, y - 0.24, 0.18, 0.2)
  );
}

/** Where a place of the surface lies in space: towards the member's left in the picture, down, towards the camera. */
export function placeOf(
  person: DrawnPerson,
  around: number,
  y: number,
): [x: number, y: number, z: number] {
  const wide = widthAt(person, y);
  const x = person.width * wide * Math.sin(around);
  const forward = Math.cos(around);
  const out = forward > 0 ? reliefAt(person, x, y) * Math.min(1, forward * 2) : 0;
  // The chin lies in front of the neck, the forehead runs back.
  return [x, y, DEPTH * wide ** 0.7 * forward + out];
}
