import { type ReactNode, useRef } from 'react';

/** A button for what cannot be undone: it tells what would be lost and asks before it acts. */
export function AskFirst(props: {
  readonly name: string;
  readonly question: string;
  readonly children: ReactNode;
  act(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" className="danger" onClick={() => dialog.current?.showModal()}>
        {props.name}…
      </button>
      <dialog ref={dialog} aria-label={props.question}>
        <h2>{props.question}</h2>
        {props.children}
        <form method="dialog" className="actions">
          <button type="submit" autoFocus>
            Keep it
          </button>
          <button type="submit" className="danger" onClick={props.act}>
            {props.name}
          </button>
        </form>
      </dialog>
    </>
  );
}
