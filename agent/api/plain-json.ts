/**
 * A serializer for the library's list: answers are JSON values, which the contract's output schemas have just proved, so
 * they are written as they are instead of being walked and copied in search of sets, dates and files. A value that is
 * neither a list nor a plain object goes the library's way.
 */
export const plainJson = {
  condition: (data: unknown): boolean => Array.isArray(data) || isPlainObject(data),
  serialize: (data: unknown): unknown => new AsItIs(data),
};

/** The body of an answer as it was before it was made opaque to the library. */
export function bodyOf(body: unknown): unknown {
  return body instanceof AsItIs ? body.value : body;
}

/** Opaque to the library's walk and transparent to `JSON.stringify`. */
class AsItIs {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  toJSON(): unknown {
    return this.value;
  }
}

function isPlainObject(data: unknown): boolean {
  return (
    typeof data === 'object' && data !== null && Object.getPrototypeOf(data) === Object.prototype
  );
}
