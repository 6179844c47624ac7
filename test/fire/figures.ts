/** What was counted and timed in a run, and how it is said. */

export class Figures {
  readonly #counts = new Map<string, number>();
  readonly #times = new Map<string, number[]>();

  count(counts: Readonly<Record<string, number>>): void {
    for (const [name, times] of Object.entries(counts))
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** A time in ms. */
  time(name: string, ms: number): void {
    const times = this.#times.get(name) ?? [];
    times.push(ms);
    this.#times.set(name, times);
  }

  lines(): string[] {
    const counts = [...this.#counts].map(([name, times]) => `${String(times).padStart(8)}  ${name}`);
    const times = Object.entries(this.summary().times).map(
      ([name, { least, median, most, n }]) =>
        `${[least, median, most].map(s => s.toFixed(2)).join(' / ')}  ${name} (${n})`,
    );
    return [...counts, ...times];
  }

  /** For programs; times in seconds. */
  summary(): { counts: Record<string, number>; times: Record<string, Spread> } {
    const times = [...this.#times].map(([name, list]) => [name, spread(list)] as const);
    return { counts: Object.fromEntries(this.#counts), times: Object.fromEntries(times) };
  }
}

type Spread = { least: number; median: number; most: number; n: number };

/** Of times in ms, in seconds to the hundredth. */
function spread(list: readonly number[]): Spread {
  const sorted = [...list].sort((a, b) => a - b);
  const seconds = (ms = 0) => Math.round(ms / 10) / 100;
  const middle = sorted[Math.floor(sorted.length / 2)];
  return { least: seconds(sorted[0]), median: seconds(middle), most: seconds(sorted.at(-1)), n: list.length };
}
