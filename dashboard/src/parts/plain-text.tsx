/** Text of somebody else's, just as it is: nothing in it is followed, run or hyphenated. It scrolls within itself. */
import { classNames } from '../lib/class-names.ts';

type Props = { label: string; tall?: boolean; children: string };

export function PlainText({ label, tall = false, children }: Props) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className={classNames(
        'overflow-auto rounded-lg border border-line bg-ground p-3',
        tall ? 'max-h-[70dvh]' : 'max-h-64',
      )}
    >
      <pre dir="ltr" translate="no" className="font-mono text-[0.8125rem] break-all whitespace-pre-wrap">
        {children}
      </pre>
    </section>
  );
}
