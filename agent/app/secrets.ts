const TOKEN_BYTES = 32;
const CODE_BYTES = 16;

/** 256 random bits in base64url, 43 characters: a bearer token. */
export function newToken(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(TOKEN_BYTES)).toString('base64url');
}

/** 128 random bits in base64url: a one-time code that nobody types. */
export function newLinkCode(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(CODE_BYTES)).toString('base64url');
}

/** Six random digits for people to type, each code as likely as any other. */
export function newPairingCode(random: (bytes: number) => Uint8Array): string {
  const codes = 1_000_000;
  // The largest multiple of a million below 2^32: values above it would make low codes likelier.
  const fair = Math.floor(2 ** 32 / codes) * codes;
  for (;;) {
    const value = Buffer.from(random(4)).readUInt32BE();
    if (value < fair) return String(value % codes).padStart(6, '0');
  }
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1)
    difference |= a.charCodeAt(index) ^ b.charCodeAt(index % Math.max(1, b.length));
  return difference === 0;
}
