/** An expected outcome is a value: `ok` carries what was made, `fail` says in one sentence what was wrong. */
export type Result<T, F = string> = { ok: true; value: T } | { ok: false; fault: F };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const fail = <F>(fault: F): { ok: false; fault: F } => ({ ok: false, fault });
