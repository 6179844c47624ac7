/** For windows that no button of Radix's own opens: when one is closed, what had the focus before has it again. */
import { useLayoutEffect, useRef } from 'react';

/** For the contents of the window. What opened it may be gone by then: then the page has the focus. */
export function useFocusBack(open: boolean) {
  const opener = useRef<Element | null>(null);
  // The contents come after this, and take the focus then.
  useLayoutEffect(() => {
    if (open) opener.current = document.activeElement;
  }, [open]);
  return {
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const { current } = opener;
      const back = current?.isConnected ? current : document.getElementById('content');
      if (back instanceof HTMLElement) back.focus();
    },
  };
}
