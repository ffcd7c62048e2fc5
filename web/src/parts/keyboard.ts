import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';

const GOES: Readonly<Record<string, string>> = {
  n: '/',
  i: '/import',
  r: '/runs',
  c: '/coverage',
  y: '/symbols',
  u: '/universes',
  s: '/schedule',
};
/** How long `g` waits for where to go. */
const PATIENCE_MS = 1500;

/** What the keys do, for the help. */
export const keys: readonly (readonly [keys: string, does: string])[] = [
  ['g n', 'what happens now'],
  ['g i', 'import'],
  ['g r', 'runs'],
  ['g c', 'coverage'],
  ['g y', 'symbols'],
  ['g u', 'universes'],
  ['g s', 'schedule and settings'],
  ['/', 'find: the first search field of the view'],
  ['Esc', 'leave the field'],
  ['j, k', 'next and previous row of a table'],
  ['Enter', 'open the row'],
  ['?', 'this help'],
];

/** Keys for the whole page; none of them while somebody types. */
export function useKeyboard(): { readonly isHelpOpen: boolean; closeHelp(): void } {
  const [, go] = useLocation();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const goesUntil = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && event.target instanceof HTMLInputElement) event.target.blur();
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = performance.now() < goesUntil.current ? GOES[event.key] : undefined;
      goesUntil.current = event.key === 'g' ? performance.now() + PATIENCE_MS : 0;
      if (place !== undefined) return go(place);
      if (event.key === '?') setHelpOpen(true);
      else if (event.key === '/') focusOn(event, document.querySelector<HTMLElement>('input[type="search"]'));
      else if (event.key === 'j' || event.key === 'k') focusOn(event, rowBeside(event.key === 'j' ? 1 : -1));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [go]);
  return { isHelpOpen, closeHelp: () => setHelpOpen(false) };
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, dialog[open]') !== null;

function focusOn(event: KeyboardEvent, element: HTMLElement | null | undefined): void {
  if (!element) return;
  event.preventDefault();
  element.focus();
}

/** The link of the row after, or before, the one that has the focus. */
function rowBeside(step: 1 | -1): HTMLElement | undefined {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = links.findIndex((link) => link === document.activeElement);
  return at === -1 ? links[0] : links[Math.min(Math.max(at + step, 0), links.length - 1)];
}
