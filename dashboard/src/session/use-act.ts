/** A change that a page asks of the server; every page makes its changes through this one hook. */
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { Refusal } from '../lib/api.ts';
import { faultInWords } from '../words/faults.ts';
import { withProof } from './prove.ts';

type Options<Input, Answer> = {
  /** What is to be asked again once it is done. */
  refresh?: readonly QueryKey[];
  onDone?: (answer: Answer, input: Input) => void;
};

/**
 * The mutation of TanStack Query: `act.mutate(input)`, `act.isPending`, `act.error`. Where the server wants a fresh proof or
 * the session is over, the person is asked for it over the page, and the same act is repeated.
 */
export function useAct<Input = void, Answer = unknown>(
  act: (input: Input) => Promise<Answer>,
  { refresh = [], onDone }: Options<Input, Answer> = {},
) {
  const client = useQueryClient();
  return useMutation<Answer, Error, Input>({
    mutationFn: input => withProof(() => act(input)),
    onSuccess: async (answer, input) => {
      await Promise.all(refresh.map(queryKey => client.invalidateQueries({ queryKey })));
      onDone?.(answer, input);
    },
  });
}

/** What was wrong with which field, for the forms, in the person's language. */
export function fieldsOf(error: unknown): Record<string, string> {
  const fields = error instanceof Refusal ? Object.entries(error.fields) : [];
  return Object.fromEntries(fields.map(([field, faults]) => [field, faults.map(faultInWords).join('; ')]));
}
