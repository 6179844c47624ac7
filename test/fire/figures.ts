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
    const times = [...this.#times].map(([name, list]) => `${spread(list)}  ${name} (${list.length})`);
    return [...counts, ...times];
  }
}

/** min / median / max in seconds. */
function spread(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return [least, middle, most].map(ms => ((ms ?? 0) / 1000).toFixed(2)).join(' / ');
}
