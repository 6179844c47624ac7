/** What a shop's page loads with it: little, and a script of the old kind. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { expect, it } from 'vitest';

const source = readFileSync(new URL('./embed.ts', import.meta.url), 'utf8');
const { outputText: script } = ts.transpileModule(source, {
  compilerOptions: {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Legacy,
  },
});

it('weighs at most 3 KB, and is no module', () => {
  expect(gzipSync(script).length).toBeLessThan(3 * 1024);
  expect(script).not.toMatch(/^\s*(import|export)\b|import\(/m);
});

it('leaves one name in the shop’s page', () => {
  const blank = ts.createSourceFile('embed.js', script, ts.ScriptTarget.ES2023);
  // In a strict script a function belongs to its block; in others it would become the page's.
  expect(script).toMatch(/^"use strict";/);
  const kinds = blank.statements.slice(1).map(({ kind }) => ts.SyntaxKind[kind]);
  expect(kinds).toEqual(['Block']);
  expect(script.match(/assign\(window/g)).toHaveLength(1);
});
