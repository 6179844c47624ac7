/** Bars by day, drawn by uPlot in the colours of the page. Its data stands in a table beside it, so it is only a picture. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '../../lib/theme.ts';

type Point = { day: string; value: number };

const HEIGHT = 220;
/** In seconds, as uPlot counts. */
const DAY = 86_400;

export function Chart({ label, points }: { label: string; points: readonly Point[] }) {
  const { i18n } = useTranslation();
  const theme = useTheme();
  const frame = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours, which are read when it is drawn
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const xs = points.map(({ day }) => Date.parse(day) / 1000);
    const ys = points.map(({ value }) => value);
    const plot = new UPlot(optionsOf(element, i18n.language), [xs, ys], element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [points, i18n.language, theme]);
  return <div ref={frame} role="img" aria-label={label} className="h-[220px] overflow-hidden" />;
}

function optionsOf(element: HTMLElement, language: string): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(language, { notation: 'compact' });
  const axis = { stroke: colour('--muted'), ticks: { show: false }, font: `12px ${style.fontFamily}` };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    // The server counts days in UTC, or in days that are already the person's: no time zone of the browser's moves them.
    tzDate: seconds => UPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { range: aroundBars }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      {
        ...axis,
        size: 30,
        // Dates of other languages are wider than the 50 px that uPlot thinks of.
        space: 68,
        grid: { show: false },
        values: (_plot, seconds) => seconds.map(at => date.format(at * 1000)),
      },
      {
        ...axis,
        size: widest,
        grid: { stroke: colour('--line'), width: 1 },
        values: (_plot, amounts) => amounts.map(amount => number.format(amount)),
      },
    ],
    series: [
      {},
      { fill: colour('--button'), stroke: colour('--button'), paths: bars(), points: { show: false } },
    ],
  };
}

/** As much room as the widest of its texts takes, in px. */
const widest = (plot: UPlot, texts: string[] | null): number => {
  plot.ctx.font = plot.axes[1]?.font?.[0] ?? '';
  const widths = (texts ?? []).map(text => plot.ctx.measureText(text).width / devicePixelRatio);
  return Math.ceil(Math.max(0, ...widths)) + GAP;
};
/** Between the texts of an axis and what they stand beside. */
const GAP = 12;

/** With room for the half of the first bar and of the last one that stand beyond their days. */
const aroundBars = (_plot: UPlot, first: number, last: number): [number, number] => [
  first - DAY / 2,
  last + DAY / 2,
];

function bars(): UPlot.Series.PathBuilder {
  const build = UPlot.paths.bars;
  if (!build) throw new Error('uPlot was built without bars');
  return build({ size: [0.65, 28], radius: 0.15 });
}
