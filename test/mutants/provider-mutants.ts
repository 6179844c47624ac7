/** Bugs in whom to believe of a chain. */
import type { Mutant } from './mutants.ts';

const payments = 'server/src/store/payments.ts';

export const providerMutants: readonly Mutant[] = [
  {
    name: 'reread by one',
    breaks: 'one provider alone reads final blocks again, and may be the one that read them first',
    focus: 'watching',
    patches: [
      {
        file: 'server/src/chains/failover.ts',
        find: 'if (this.#members.length === 1) return [one.value];',
        replace: 'if (this.#members.length >= 1) return [one.value];',
      },
    ],
  },
  {
    name: 'first told time',
    breaks: 'the time of a block is what whoever read it first said, though another provider says otherwise',
    focus: 'watching',
    patches: [
      {
        file: 'server/src/flow/recheck.ts',
        find: 'await retimeTransfers(tx, at, { seen: misjudged, saved });',
        replace: '',
      },
    ],
  },
  {
    name: 'never in doubt',
    breaks: 'a second reading goes on though something is still to be judged by one of two times',
    focus: 'watching',
    patches: [
      {
        file: 'server/src/flow/recheck.ts',
        find: 'isInDoubt: judged.length < mistimed.length || late.some(one => disputed.has(identity(one))),',
        replace: 'isInDoubt: late.length + disputed.size < 0,',
      },
    ],
  },
  {
    name: 'waiting is counting',
    breaks:
      'a payment that waits, and has moved to a block of which a lie was read, is not held against the other time',
    focus: 'watching',
    patches: [
      {
        file: 'server/src/flow/recheck.ts',
        find: 'saved: await savedByTime(db, judged),',
        replace: 'saved: [],',
      },
    ],
  },
  {
    name: 'one word is enough',
    breaks: 'a large payment settles on the word of one provider',
    patches: [{ file: 'server/src/flow/agree.ts', find: 'const ENOUGH = 2;', replace: 'const ENOUGH = 1;' }],
  },
  {
    name: 'large is not large',
    breaks: 'a large payment does not wait for a second provider',
    patches: [
      {
        file: payments,
        find: 'and (t.height is null or p.agreed_at is not null or not ${isLarge(large)})',
        replace: 'and (true or t.height is null or p.agreed_at is not null or not ${isLarge(large)})',
      },
    ],
  },
];
