/** Steps of one story in one page: each begins where the one before has ended, so they are one test. */

/** Runs them in order; the fault says at which step it was. */
export async function inOrder(steps: Record<string, () => Promise<void>>): Promise<void> {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
    } catch (error) {
      throw new Error(`at the step "${name}": ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}
