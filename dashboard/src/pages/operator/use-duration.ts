/** How long something is, in the largest unit that says enough. */
import { useTranslation } from 'react-i18next';

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** Of milliseconds. */
export function useDuration(): (ms: number) => string {
  const { i18n } = useTranslation();
  return ms => {
    const [unit, size] = units.find(([, one]) => ms >= 2 * one) ?? (['second', 1000] as const);
    const value = Math.round(ms / size);
    return new Intl.NumberFormat(i18n.language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
  };
}
