/** Tabs with the code of an operation, drawn with the React that Swagger UI brings. */

type Node = unknown;

export type React = {
  createElement(type: unknown, props: object | null, ...children: Node[]): Node;
  useState<T>(first: T): [T, (next: T) => void];
};

export type Sample = { label: string; source: string };

declare const navigator: { clipboard?: { writeText(text: string): Promise<void> } };

export function codeSamplesView({ createElement: h, useState }: React) {
  return ({ samples }: { samples: Sample[] }): Node => {
    const [chosen, choose] = useState(0);
    const source = samples[chosen]?.source ?? '';
    const tab = ({ label }: Sample, at: number) =>
      h(
        'button',
        {
          key: label,
          type: 'button',
          role: 'tab',
          'aria-selected': at === chosen,
          onClick: () => choose(at),
        },
        label,
      );
    // The clipboard is there on secure pages only.
    const copy =
      navigator.clipboard &&
      h(
        'button',
        {
          key: 'copy',
          type: 'button',
          className: 'copy',
          onClick: () => navigator.clipboard?.writeText(source),
        },
        'Copy',
      );
    return h(
      'div',
      { className: 'code-samples' },
      h('h4', null, 'Code'),
      h('div', { role: 'tablist', 'aria-label': 'Language' }, samples.map(tab), copy),
      h('pre', { tabIndex: 0 }, h('code', null, source)),
    );
  };
}
