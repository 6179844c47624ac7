/** What the two currency calls answer. */
import { z } from 'zod';

const rate = z
  .number()
  .positive()
  .meta({
    description: 'How many units of the currency one US dollar is.',
    examples: [0.93574],
  });

export const currencyRatesAnswer = z.array(
  z.object({
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .meta({ description: 'ISO 4217 code.', examples: ['EUR'] }),
    rate,
    status: z
      .enum(['enabled', 'disabled'])
      .meta({ description: 'Whether an order may be in it.', examples: ['enabled'] }),
  }),
);

export const currencyStatusAnswer = z.object({
  status: z.enum(['enabled', 'disabled', 'not_supported']).meta({
    description: '`disabled`: known, but not usable now. `not_supported`: not known.',
    examples: ['enabled'],
  }),
  rate: rate.nullable(),
});
