/** Ends an exhaustive switch: a case left out is a compile error, and a bug at run time. */
export function never(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
