// A question before something that cannot be undone. The focus goes to the harmless answer, and back to where it was; to
// the heading, if that is gone.
import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

type AskProps = { title: string; question: string; no: string; yes: string; onNo: () => void; onYes: () => void };

export function Ask({ title, question, no, yes, onNo, onYes }: AskProps) {
  const harmless = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    harmless.current?.focus();
    return () => {
      setTimeout(() => {
        if (document.activeElement !== document.body) return; // what has come instead took it
        const back = before instanceof HTMLElement && before.isConnected ? before : document.querySelector<HTMLElement>('h1');
        back?.focus({ preventScroll: true });
      });
    };
  }, []);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.key === 'Escape') onNo();
  };
  return (
    <div class="ask" role="alertdialog" aria-label={title} onKeyDown={onKeyDown}>
      <p>{question}</p>
      <button type="button" class="secondary" ref={harmless} onClick={onNo}>{no}</button>
      <button type="button" class="primary" onClick={onYes}>{yes}</button>
    </div>
  );
}
