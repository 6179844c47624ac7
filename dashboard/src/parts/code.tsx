/** An address, a key or an id: exact text, never translated, hyphenated or turned around. */
export function Code({ children, wrap = false }: { children: string; wrap?: boolean }) {
  return (
    <code
      dir="ltr"
      translate="no"
      className={`font-mono text-[0.9em] ${wrap ? 'break-all' : 'whitespace-nowrap'}`}
    >
      {children}
    </code>
  );
}
