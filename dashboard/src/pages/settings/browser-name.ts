/** A browser and its system, guessed from what the browser calls itself; only to tell one's own from another. */

/** Asked in this order: most browsers call themselves by the names of others too. */
const browsers: [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(Headless)?Chrom(e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

export function browserNameOf(userAgent: string): string {
  const found = [browsers, systems].map(list => list.find(([form]) => form.test(userAgent))?.[1]);
  return found.filter(name => name !== undefined).join(' · ') || userAgent.slice(0, 40) || '?';
}
