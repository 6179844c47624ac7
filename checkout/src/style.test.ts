/** What people with weak eyes or a slow line get: contrast, and little to load. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { screens, stateOf } from '../test/samples.ts';
import { renderPage } from './page.ts';
import { languages } from './page-state.ts';
import { pairs, palette } from './palette.ts';
import { style } from './style.ts';

/** The relative luminance of WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['light', 'dark'] as const)('%s colours', scheme => {
  it.each(pairs)('%s on %s have a contrast of at least %f', (front, back, least) => {
    expect(contrast(palette[scheme][front], palette[scheme][back])).toBeGreaterThanOrEqual(least);
  });
});

describe('the style sheet', () => {
  it('uses no colour but those of the palette, and loads nothing', () => {
    const rules = style.slice(style.indexOf('}}') + 2);
    expect(rules.match(/#[0-9a-f]{3,8}\b/g)).toEqual(['#fff']);
    expect(style).not.toMatch(/url\(|@import/);
    const used = new Set(Array.from(rules.matchAll(/var\(--([\w-]+)\)/g), found => found[1]));
    expect([...used].sort()).toEqual(Object.keys(palette.light).sort());
  });

  it('has its braces in pairs', () => {
    expect(style.split('{').length).toBe(style.split('}').length);
  });
});

describe('the weight', () => {
  const [script, framed] = ['island', 'framed'].map(name => {
    const source = readFileSync(new URL(`./island/${name}.ts`, import.meta.url), 'utf8');
    const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
    return ts.transpileModule(source, { compilerOptions }).outputText;
  }) as [string, string];
  const size = (text: string) => gzipSync(text).length;

  it('of the scripts is at most 8 KB, and they need no other file', () => {
    expect(size(script) + size(framed)).toBeLessThan(8 * 1024);
    for (const text of [script, framed]) expect(text).not.toMatch(/^import|import\(/m);
  });

  it.each(languages)('of each screen with all it loads is at most 30 KB in %s', language => {
    for (const screen of Object.values(screens)) {
      const state = stateOf(screen, language, { parents: Array(20).fill('https://shop.example') });
      const page = renderPage(state, { style: '/s.css', script: '/i.js', framed: '/f.js' });
      expect(size(page) + size(style) + size(script) + size(framed)).toBeLessThan(30 * 1024);
    }
  });
});
