/** Buttons of which one is pressed: a value, and its name. */
export function Choices<T extends string>(props: {
  readonly label: string;
  readonly of: readonly (readonly [value: T, name: string])[];
  readonly chosen: T;
  choose(value: T): void;
}) {
  return (
    <div role="group" aria-label={props.label} className="choices">
      {props.of.map(([value, name]) => (
        <button
          key={value}
          type="button"
          aria-pressed={props.chosen === value}
          onClick={() => props.choose(value)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
