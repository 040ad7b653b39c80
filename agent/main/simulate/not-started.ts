/** A till could not start for a reason that passes. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}
