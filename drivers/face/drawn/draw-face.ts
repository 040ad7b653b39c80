import { type Colour, type DrawnPerson, drawnPerson, randomOf } from './drawn-person.ts';
import { type FacePaint, mix, PAINT_HEIGHT, PAINT_WIDTH, paintFace, soft } from './face-paint.ts';
import { AROUND_MAX, placeOf, TOP_Y } from './head-shape.ts';

/** How a head is held. */
export interface HeadPose {
  /** Degrees: positive = turned towards the right of the picture, the member's own left. */
  readonly yaw: number;
  /** Degrees: positive = looking down. */
  readonly pitch: number;
  readonly roll: number;
  /** Height of the head as a share of the picture's. */
  readonly size: number;
  /** Of the middle of the head from the middle of the picture, as shares of its height. */
  readonly x: number;
  readonly y: number;
  /** How far the lids are open, 0 to 1. */
  readonly open: number;
}

export const STRAIGHT: HeadPose = { yaw: 0, pitch: 0, roll: 0, size: 0.6, x: 0, y: 0, open: 1 };

/** Columns and rows of the mesh. */
const AROUND = 96;
const ROWS = 104;
/** Distance of the camera in half heads: what is nearer is larger. */
const CAMERA_AWAY = 6;
/** Where the light comes from: up and a little to the left, in front. Of length 1. */
const LIGHT = [-0.28, -0.42, 0.863] as const;
/** Lids are painted in so many steps. */
const LID_STEPS = 4;
const DEGREE = Math.PI / 180;

/** A person who can be drawn. */
export interface DrawnHead {
  readonly person: DrawnPerson;
  readonly mesh: Mesh;
  readonly paint: (open: number) => FacePaint;
}

/** Pixels to draw on: four bytes each (red, green, blue, opacity), row by row. */
export interface DrawnFrame {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Prepares the person of a number; the first frame of each position of the lids takes longer. */
export function drawnHead(seed: number): DrawnHead {
  const person = drawnPerson(seed);
  const paints: (FacePaint | undefined)[] = [];
  return {
    person,
    mesh: meshOf(person),
    paint(open) {
      const step = Math.round(Math.min(1, Math.max(0, open)) * LID_STEPS);
      const known = paints[step];
      if (known !== undefined) return known;
      const other = paints.find((paint) => paint !== undefined);
      const made = paintFace(person, seed, step / LID_STEPS, other);
      paints[step] = made;
      return made;
    },
  };
}

/**
 * Draws what a camera sees, over what the frame held.
 * @param people the farthest first
 * @param light 1 = a lit store, 0 = dark
 * @param nth of the frame, for the noise of the sensor
 */
export function drawFrame(
  { data, width, height }: DrawnFrame,
  people: readonly { readonly head: DrawnHead; readonly pose: HeadPose }[],
  light: number,
  nth: number,
): void {
  background(data, width, height, light);
  for (const { head: one, pose } of people) {
    body(one.person, data, width, height, pose, light);
    head(one.mesh, one.paint(pose.open), { pixels: data, width, height, pose, light });
  }
  noise(data, nth + 1);
}

/** Places in space and directions of the surface there, row by row from the top. */
interface Mesh {
  readonly places: Float32Array;
  readonly normals: Float32Array;
}

function meshOf(person: DrawnPerson): Mesh {
  const places = new Float32Array((ROWS + 1) * (AROUND + 1) * 3);
  for (let row = 0; row <= ROWS; row += 1)
    for (let column = 0; column <= AROUND; column += 1) {
      const y = TOP_Y + ((person.chin - TOP_Y) * row) / ROWS;
      const around = AROUND_MAX * ((column / AROUND) * 2 - 1);
      places.set(placeOf(person, around, y), (row * (AROUND + 1) + column) * 3);
    }
  const normals = new Float32Array(places.length);
  const at = (row: number, column: number): number =>
    (Math.min(ROWS, Math.max(0, row)) * (AROUND + 1) + Math.min(AROUND, Math.max(0, column))) * 3;
  for (let row = 0; row <= ROWS; row += 1)
    for (let column = 0; column <= AROUND; column += 1) {
      const across = minus(places, at(row, column + 1), at(row, column - 1));
      const down = minus(places, at(row + 1, column), at(row - 1, column));
      const [x, y, z] = [
        across[1] * down[2] - across[2] * down[1],
        across[2] * down[0] - across[0] * down[2],
        across[0] * down[1] - across[1] * down[0],
      ];
      const long = Math.hypot(x, y, z) || 1;
      normals.set([x / long, y / long, z / long], at(row, column));
    }
  return { places, normals };
}

function minus(all: Float32Array, a: number, b: number): [number, number, number] {
  const of = (place: number): number => all[place] ?? 0;
  return [of(a) - of(b), of(a + 1) - of(b + 1), of(a + 2) - of(b + 2)];
}

/** Nine numbers, row by row: roll after pitch after yaw. */
function rotation({ yaw, pitch, roll }: HeadPose): number[] {
  const [sy, cy] = [Math.sin(yaw * DEGREE), Math.cos(yaw * DEGREE)];
  const [sp, cp] = [Math.sin(pitch * DEGREE), Math.cos(pitch * DEGREE)];
  const [sr, cr] = [Math.sin(roll * DEGREE), Math.cos(roll * DEGREE)];
  // x right, y down, z towards the camera; looking down moves the nose (z) towards positive y.
  const ofYaw = [cy, 0, sy, 0, 1, 0, -sy, 0, cy];
  const ofPitch = [1, 0, 0, 0, cp, sp, 0, -sp, cp];
  const ofRoll = [cr, -sr, 0, sr, cr, 0, 0, 0, 1];
  return times(ofRoll, times(ofPitch, ofYaw));
}

function times(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, nth) => {
    const [row, column] = [Math.floor(nth / 3) * 3, nth % 3];
    return [0, 1, 2].reduce((sum, k) => sum + (a[row + k] ?? 0) * (b[k * 3 + column] ?? 0), 0);
  });
}

interface Canvas {
  readonly pixels: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly pose: HeadPose;
  readonly light: number;
}

function head({ places, normals }: Mesh, paint: FacePaint, canvas: Canvas): void {
  const { width, height, pose, light } = canvas;
  const turn = rotation(pose);
  const scale = (height * pose.size) / 2;
  const middle = { x: width / 2 + pose.x * height, y: height / 2 + pose.y * height };
  const count = places.length / 3;
  const xs = new Float32Array(count);
  const ys = new Float32Array(count);
  const zs = new Float32Array(count);
  const lit = new Float32Array(count);
  const facing = new Float32Array(count);
  const dot = (row: number, of: Float32Array, nth: number): number =>
    (turn[row] ?? 0) * (of[nth] ?? 0) +
    (turn[row + 1] ?? 0) * (of[nth + 1] ?? 0) +
    (turn[row + 2] ?? 0) * (of[nth + 2] ?? 0);
  for (let nth = 0; nth < count; nth += 1) {
    const z = dot(6, places, nth * 3);
    const near = (scale * CAMERA_AWAY) / (CAMERA_AWAY - z);
    xs[nth] = middle.x + near * dot(0, places, nth * 3);
    ys[nth] = middle.y + near * dot(3, places, nth * 3);
    zs[nth] = z;
    const n = [
      dot(0, normals, nth * 3),
      dot(3, normals, nth * 3),
      dot(6, normals, nth * 3),
    ] as const;
    facing[nth] = n[2];
    const direct = Math.max(0, n[0] * LIGHT[0] + n[1] * LIGHT[1] + n[2] * LIGHT[2]);
    lit[nth] = light * (0.42 + 0.66 * direct);
  }
  const depth = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < ROWS; row += 1)
    for (let column = 0; column < AROUND; column += 1) {
      const a = row * (AROUND + 1) + column;
      const b = a + 1;
      const c = a + AROUND + 1;
      triangle([a, b, c]);
      triangle([b, c + 1, c]);
    }

  function triangle([a, b, c]: readonly [number, number, number]): void {
    if ((facing[a] ?? 0) < -0.2 && (facing[b] ?? 0) < -0.2 && (facing[c] ?? 0) < -0.2) return;
    const [ax, ay, bx, by, cx, cy] = [
      xs[a] ?? 0,
      ys[a] ?? 0,
      xs[b] ?? 0,
      ys[b] ?? 0,
      xs[c] ?? 0,
      ys[c] ?? 0,
    ];
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    if (area === 0) return;
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx)));
    const right = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx)));
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
    const bottom = Math.min(height - 1, Math.floor(Math.max(ay, by, cy)));
    for (let y = top; y <= bottom; y += 1)
      for (let x = left; x <= right; x += 1) {
        const wa = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area;
        const wb = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area;
        const wc = 1 - wa - wb;
        if (wa < 0 || wb < 0 || wc < 0) continue;
        const z = wa * (zs[a] ?? 0) + wb * (zs[b] ?? 0) + wc * (zs[c] ?? 0);
        const at = y * width + x;
        if (z <= (depth[at] ?? 0)) continue;
        depth[at] = z;
        const shade = wa * (lit[a] ?? 0) + wb * (lit[b] ?? 0) + wc * (lit[c] ?? 0);
        texel(
          at,
          shade,
          wa * columnOf(a) + wb * columnOf(b) + wc * columnOf(c),
          wa * rowOf(a) + wb * rowOf(b) + wc * rowOf(c),
        );
      }
  }

  function texel(at: number, shade: number, column: number, row: number): void {
    const u = Math.min(PAINT_WIDTH - 1, Math.floor((column / AROUND) * PAINT_WIDTH));
    const v = Math.min(PAINT_HEIGHT - 1, Math.floor((row / ROWS) * PAINT_HEIGHT));
    const from = (v * PAINT_WIDTH + u) * 3;
    for (let channel = 0; channel < 3; channel += 1)
      canvas.pixels[at * 4 + channel] = (paint[from + channel] ?? 0) * shade;
  }
}

const columnOf = (vertex: number): number => vertex % (AROUND + 1);
const rowOf = (vertex: number): number => Math.floor(vertex / (AROUND + 1));

const WALL: Colour = [176, 180, 184];
const SHELF: Colour = [132, 136, 142];

/** A wall and a shelf, out of focus. */
function background(pixels: Uint8ClampedArray, width: number, height: number, light: number): void {
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const shelf = 0.5 + 0.5 * Math.sin((x / width) * 9 + 1) * Math.sin((y / height) * 5);
      put(
        pixels,
        y * width + x,
        mix(WALL, SHELF, soft(shelf)),
        light * (1.02 - 0.18 * (y / height)),
      );
    }
}

/** Hair behind the head, neck and shoulders. */
function body(
  { skin, shirt, hair, hairLong, width: wide, chin }: DrawnPerson,
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  pose: HeadPose,
  light: number,
): void {
  const scale = (height * pose.size) / 2;
  const [mx, my] = [width / 2 + pose.x * height, height / 2 + pose.y * height];
  // Behind the head, so that it goes the other way when the face turns.
  const behind = -Math.sin(pose.yaw * DEGREE) * 0.14;
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1) {
      const [x, y] = [(column - mx) / scale, (row - my) / scale];
      const at = row * width + column;
      const back =
        1 - ((x - behind) / (wide * (hairLong ? 1.2 : 1.06))) ** 2 - ((y + 0.14) / 1.02) ** 2;
      const strands =
        hairLong && y > 0 && y < 1.15 && Math.abs(x - behind) < wide * (1.2 - 0.1 * y);
      if (back > 0 || strands) put(pixels, at, hair, light * (0.75 + 0.12 * Math.sin(x * 50)));
      if (y > 0.55 && y < 1.6 && Math.abs(x) < wide * 0.62)
        put(
          pixels,
          at,
          mix(skin, [90, 56, 44], 0.45 - 0.2 * soft((y - chin) / 0.4)),
          light * (0.95 - 0.35 * (x / wide) ** 2),
        );
      const shoulder =
        1.22 +
        0.35 * Math.min(1, (Math.abs(x) / 1.5) ** 2) -
        0.1 * soft((0.5 - Math.abs(x)) * 3) * -1;
      if (y > shoulder && Math.abs(x) < 1.75)
        put(pixels, at, shirt, light * (0.9 - 0.1 * Math.abs(x)));
    }
}

function put(pixels: Uint8ClampedArray, at: number, colour: Colour, light: number): void {
  pixels[at * 4] = colour[0] * light;
  pixels[at * 4 + 1] = colour[1] * light;
  pixels[at * 4 + 2] = colour[2] * light;
  pixels[at * 4 + 3] = 255;
}

/** What a small sensor adds. */
function noise(pixels: Uint8ClampedArray, seed: number): void {
  const random = randomOf(seed);
  for (let at = 0; at < pixels.length; at += 4) {
    const off = (random() - 0.5) * 7;
    pixels[at] = (pixels[at] ?? 0) + off;
    pixels[at + 1] = (pixels[at + 1] ?? 0) + off;
    pixels[at + 2] = (pixels[at + 2] ?? 0) + off;
  }
}
