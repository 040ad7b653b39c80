/** Numbers of a nested record under dotted names, as screens and exports list them. */
export function flatNumbers(value: object, prefix = ''): Record<string, number> {
  const flat: Record<string, number> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'number') flat[`${prefix}${name}`] = inner;
    else if (typeof inner === 'object' && inner !== null)
      Object.assign(flat, flatNumbers(inner, `${prefix}${name}.`));
  }
  return flat;
}
