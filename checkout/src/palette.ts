/** The colours, by what they are for. Text, its ground and the edges of controls keep the contrast of WCAG 2.2 AA. */

const light = {
  ground: '#f3f5f8',
  card: '#ffffff',
  line: '#dfe3ea',
  edge: '#7d8696',
  text: '#14181f',
  muted: '#545c6b',
  accent: '#1d4ed8',
  button: '#1d4ed8',
  'on-button': '#ffffff',
  tint: '#eaf0ff',
  good: '#0f7040',
  'good-tint': '#e3f5eb',
  warn: '#7a4a00',
  'warn-tint': '#fff3d9',
  bad: '#b3261e',
};

const dark: typeof light = {
  ground: '#0d1016',
  card: '#171b23',
  line: '#2a303c',
  edge: '#768095',
  text: '#eef1f6',
  muted: '#a6afbf',
  accent: '#93b4ff',
  button: '#3564ea',
  'on-button': '#ffffff',
  tint: '#1f2a45',
  good: '#6fd9a0',
  'good-tint': '#123124',
  warn: '#ffd58a',
  'warn-tint': '#33270f',
  bad: '#ffa39b',
};

export const palette = { light, dark };

/** Pairs that meet on the page, and the contrast they must have: 4.5 for text, 3 for what is no text. */
export const pairs: readonly [front: keyof typeof light, back: keyof typeof light, least: number][] = [
  ['text', 'ground', 4.5],
  ['text', 'card', 4.5],
  ['text', 'tint', 4.5],
  ['muted', 'ground', 4.5],
  ['muted', 'card', 4.5],
  ['accent', 'card', 4.5],
  ['accent', 'ground', 4.5],
  ['accent', 'tint', 4.5],
  ['on-button', 'button', 4.5],
  ['button', 'card', 3],
  ['good', 'card', 4.5],
  ['good', 'good-tint', 3],
  ['warn', 'card', 4.5],
  ['warn', 'warn-tint', 4.5],
  ['bad', 'ground', 4.5],
  ['edge', 'card', 3],
];
